/**
 * libwebp, compiled to wasm by @jsquash/webp 1.5: its frames are read where they lie in wasm memory. Each image gets an
 * instance of its own (1 ms), because this libwebp (1.0.2) has known heap overflows on damaged data: whatever an image
 * does to its memory ends with it. The memory is bounded, because the tables of a lossless image can be made to take
 * gigabytes.
 */
import createLibwebp, { type WebPModule as WebpGlue } from '@jsquash/webp/codec/dec/webp_dec.js'
import { ImageError, ImageTooLargeError } from '../errors.ts'

export type WasmSource = WebAssembly.Module | (() => Promise<WebAssembly.Module>)
export type TakeFrame = (rgba: Uint8Array, width: number, height: number) => void

/** The frame and its tables, and the copies that libwebp takes of the file. It begins with 16 MiB, mostly untouched. */
export const MAX_WASM_BYTES = 62 << 20
const PAGE_BYTES = 65536

let source: WasmSource | undefined
let compiled: Promise<WebAssembly.Module> | undefined

/** Only the caller knows how its runtime finds a wasm file: workerd imports it, Node reads it. */
export function provideLibwebp(wasm: WasmSource): void {
  source = wasm
  compiled = undefined
}

/** Calls `take` with the decoded frame, which is gone once `take` returns. Throws ImageError if there is none. */
export async function decodeWithLibwebp(webp: Uint8Array, take: TakeFrame): Promise<void> {
  const bound = { exceeded: false }
  const libwebp = await createInstance(await compiledWasm(), bound)
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
    if (error instanceof ImageError) throw error
    if (!bound.exceeded) throw new ImageError(`the WebP does not decode: ${(error as Error).message}`)
  }
  if (bound.exceeded) {
    throw new ImageTooLargeError(`the WebP takes more than ${MAX_WASM_BYTES >> 20} MiB of memory to decode`)
  }
  if (frames === 0) throw new ImageError('the WebP does not decode: its data is truncated or damaged')
}

async function compiledWasm(): Promise<WebAssembly.Module> {
  if (!source) throw new Error('provideLibwebp() must be called before a WebP is decoded')
  if (typeof source !== 'function') return source
  const compiling = compiled ?? source()
  compiled = compiling
  try {
    return await compiling
  } catch (error) {
    compiled = undefined // the next image tries again
    throw error
  }
}

async function createInstance(wasm: WebAssembly.Module, bound: { exceeded: boolean }): Promise<WebpGlue> {
  return createLibwebp({
    noInitialRun: true,
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      const created = new WebAssembly.Instance(wasm, imports)
      for (const exported of Object.values(created.exports)) {
        if (exported instanceof WebAssembly.Memory) boundGrowth(exported, bound)
      }
      receive(created)
      return created.exports
    },
  } as Parameters<typeof createLibwebp>[0]) as Promise<WebpGlue>
}

/** The package declares a maximum of 2 GiB. Its glue grows the memory by this method, and gives NULL if it throws. */
function boundGrowth(memory: WebAssembly.Memory, bound: { exceeded: boolean }): void {
  const grow = memory.grow.bind(memory)
  memory.grow = (pages) => {
    bound.exceeded = memory.buffer.byteLength + pages * PAGE_BYTES > MAX_WASM_BYTES
    if (bound.exceeded) throw new RangeError('a bound on memory')
    return grow(pages)
  }
}

/**
 * The C++ side ends with `new ImageData(new Uint8ClampedArray(view of its memory), width, height)`, looked up on
 * globalThis when an instance first decodes. workerd has no ImageData, and the copy would double a large frame's
 * memory. So during the (synchronous) call both names stand for classes of ours: one that hands on the view instead of
 * a copy, and one that hands the frame to `take`. Can go when the package offers its frame without a copy.
 */
function withFrameGlobals(decode: () => void, take: TakeFrame): void {
  class Frame {
    constructor(rgba: Uint8Array, width: number, height: number) {
      take(rgba, width, height)
    }
  }
  const globals = globalThis as Record<string, unknown>
  const { Uint8ClampedArray: clampedArray, ImageData: imageData } = globals
  globals.Uint8ClampedArray = SameView
  globals.ImageData = Frame
  try {
    decode()
  } finally {
    globals.Uint8ClampedArray = clampedArray
    globals.ImageData = imageData
  }
}

class SameView {
  constructor(view: Uint8Array) {
    // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the point
    return view as unknown as SameView
  }
}
