/** libwebp, compiled to wasm by @jsquash/webp 1.5: its frames are read where they lie in wasm memory. */
import createLibwebp, { type WebPModule as WebpGlue } from '@jsquash/webp/codec/dec/webp_dec.js'
import { ImageError } from '../errors.ts'

type Libwebp = WebpGlue & { HEAPU8: Uint8Array } // which the package's types leave out

export type WasmSource = WebAssembly.Module | (() => Promise<WebAssembly.Module>)
export type TakeFrame = (rgba: Uint8Array, width: number, height: number) => void

/** wasm memory never shrinks: an instance whose memory has grown beyond this is dropped where other memory is needed. */
const KEPT_BYTES = 24 << 20

let source: WasmSource | undefined
let instance: Promise<Libwebp> | undefined
/** Of the instance, after its last frame. */
let heldBytes = 0

/** Only the caller knows how its runtime finds a wasm file: workerd imports it, Node reads it. */
export function provideLibwebp(wasm: WasmSource): void {
  source = wasm
}

/** Calls `take` with the decoded frame, which is gone once `take` returns. Throws ImageError where there is none. */
export async function decodeWithLibwebp(webp: Uint8Array, take: TakeFrame): Promise<void> {
  const libwebp = await sharedInstance()
  let frames = 0
  try {
    withFrameGlobals(
      () => libwebp.decode(webp as Uint8Array<ArrayBuffer>),
      (rgba, width, height) => {
        frames++
        take(rgba, width, height)
      },
    )
  } catch (error) {
    instance = undefined // after a trap nothing in its memory can be trusted
    throw new ImageError(`the WebP does not decode: ${(error as Error).message}`)
  }
  if (frames === 0) {
    instance = undefined // this libwebp has known heap overflows on damaged data; a new instance costs 1 ms
    throw new ImageError('the WebP does not decode: its data is truncated or damaged')
  }
  heldBytes = libwebp.HEAPU8.length
}

/**
 * Before large images of other formats. Not after each large WebP: several at once would each take a memory of its
 * own, for V8 is slow to collect them (four of 12 megapixels: 460 MB, with one memory for all 250).
 */
export function releaseLargeLibwebp(): void {
  if (heldBytes <= KEPT_BYTES) return
  instance = undefined
  heldBytes = 0
}

/** Another image may have ended the instance while this one waited for it. */
async function sharedInstance(): Promise<Libwebp> {
  for (;;) {
    instance ??= createInstance()
    const awaited = instance
    try {
      const libwebp = await awaited
      if (awaited === instance) return libwebp
    } catch (error) {
      if (awaited === instance) instance = undefined // the next image finds another try
      throw error
    }
  }
}

async function createInstance(): Promise<Libwebp> {
  if (!source) throw new Error('provideLibwebp() must be called before a WebP is decoded')
  const wasm = typeof source === 'function' ? await source() : source
  return createLibwebp({
    noInitialRun: true,
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      const created = new WebAssembly.Instance(wasm, imports)
      receive(created)
      return created.exports
    },
  } as Parameters<typeof createLibwebp>[0]) as Promise<Libwebp>
}

/**
 * The C++ side ends with `new ImageData(new Uint8ClampedArray(view of its memory), width, height)`, looked up on
 * globalThis when an instance first decodes. workerd has no ImageData, and the copy would double a large frame's
 * memory. So for the time of the (synchronous) call both names stand for classes of ours: one that hands on the
 * view instead of a copy, and one that hands the frame to whoever decodes at the time. Can go when the package
 * offers its frame without a copy.
 */
function withFrameGlobals(decode: () => void, take: TakeFrame): void {
  const globals = globalThis as Record<string, unknown>
  const { Uint8ClampedArray: clampedArray, ImageData: imageData } = globals
  globals.Uint8ClampedArray = SameView
  globals.ImageData = Frame
  takeFrame = take
  try {
    decode()
  } finally {
    globals.Uint8ClampedArray = clampedArray
    globals.ImageData = imageData
    takeFrame = undefined
  }
}

let takeFrame: TakeFrame | undefined

class SameView {
  constructor(view: Uint8Array) {
    // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
    return view as unknown as SameView
  }
}

class Frame {
  constructor(rgba: Uint8Array, width: number, height: number) {
    takeFrame?.(rgba, width, height)
  }
}
