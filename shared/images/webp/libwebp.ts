/**
 * libwebp, compiled to wasm by @jsquash/webp 1.5. Its frames are read in place, in wasm memory. This libwebp (1.0.2)
 * has known heap overflows on damaged data, so nothing that an image does to the memory may outlast it: an instance
 * that has decoded a frame gets its initial memory back, any other is dropped. The memory is bounded, because the
 * tables of a lossless image can be made to take gigabytes.
 */
import createLibwebp, { type WebPModule as WebpGlue } from '@jsquash/webp/codec/dec/webp_dec.js'
import { ImageError, ImageTooLargeError } from '../errors.ts'

type WasmSource = WebAssembly.Module | (() => Promise<WebAssembly.Module>)
type TakeFrame = (rgba: Uint8Array, width: number, height: number) => void

/** For the frame, its tables, and libwebp's copies of the file. The memory begins with 16 MiB, mostly unused. */
const MAX_WASM_BYTES = 62 << 20
const PAGE_BYTES = 65536

interface Instance {
  glue: WebpGlue
  memory: WebAssembly.Memory
  /** What the memory holds before the first image, without the zeros that follow. */
  initial: Uint8Array
  initialBytes: number
  boundExceeded: boolean
}

let source: WasmSource | undefined
let compiled: Promise<WebAssembly.Module> | undefined
/** The instance for the next image. Images decoded at the same time get instances of their own; the last one is kept. */
let spare: Instance | undefined

/** Only the caller knows how its runtime finds a wasm file: workerd imports it, Node reads it. */
export function provideLibwebp(wasm: WasmSource): void {
  source = wasm
  compiled = undefined
  spare = undefined
}

/** Calls `take` with the decoded frame, which is valid until `take` returns. Throws ImageError if it does not decode. */
export async function decodeWithLibwebp(webp: Uint8Array, take: TakeFrame): Promise<void> {
  const instance = spare ?? (await createInstance(await compiledWasm()))
  spare = undefined
  let frames = 0
  try {
    withFrameGlobals(
      () => instance.glue.decode(webp as Uint8Array<ArrayBuffer>),
      (rgba, width, height) => {
        frames++
        take(rgba, width, height)
      },
    )
  } catch (error) {
    if (error instanceof ImageError) throw error
    if (!instance.boundExceeded) throw new ImageError(`the WebP does not decode: ${(error as Error).message}`)
  }
  if (instance.boundExceeded) {
    throw new ImageTooLargeError(`the WebP takes more than ${MAX_WASM_BYTES >> 20} MiB of memory to decode`)
  }
  if (frames === 0) throw new ImageError('the WebP does not decode: its data is truncated or damaged')
  spare = asMade(instance)
}

/** Undefined if its memory has grown, since it would stay that large. */
function asMade(instance: Instance): Instance | undefined {
  const bytes = new Uint8Array(instance.memory.buffer)
  if (bytes.length > instance.initialBytes) return undefined
  bytes.fill(0)
  bytes.set(instance.initial)
  return instance
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

async function createInstance(wasm: WebAssembly.Module): Promise<Instance> {
  let memory: WebAssembly.Memory | undefined
  const glue = await createLibwebp({
    noInitialRun: true,
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      const created = new WebAssembly.Instance(wasm, imports)
      memory = Object.values(created.exports).find((exported) => exported instanceof WebAssembly.Memory)
      receive(created)
      return created.exports
    },
  } as Parameters<typeof createLibwebp>[0])
  if (!memory) throw new Error('expected libwebp to export its memory')
  const initialBytes = memory.buffer.byteLength
  const instance = { glue, memory, initial: withoutZeros(memory), initialBytes, boundExceeded: false }
  boundGrowth(memory, () => {
    instance.boundExceeded = true
  })
  return instance
}

/** A copy of what the memory holds, up to its last word that is not zero. */
function withoutZeros({ buffer }: WebAssembly.Memory): Uint8Array {
  const words = new Int32Array(buffer)
  let end = words.length
  while (end > 0 && words[end - 1] === 0) end--
  return new Uint8Array(buffer, 0, 4 * end).slice()
}

/** For one allocation the glue tries three times: with a fifth more than is needed, then a tenth, then a twentieth. */
const TRIES = 3

/** The package declares a maximum of 2 GiB. Its glue grows the memory by this method, and returns NULL if all tries throw. */
function boundGrowth(memory: WebAssembly.Memory, exceed: () => void): void {
  const grow = memory.grow.bind(memory)
  let failures = 0
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES <= MAX_WASM_BYTES) {
      failures = 0
      return grow(pages)
    }
    if (++failures >= TRIES) exceed()
    throw new RangeError('a bound on memory')
  }
}

/**
 * The C++ side ends with `new ImageData(new Uint8ClampedArray(view of its memory), width, height)`, looked up on
 * globalThis when an instance first decodes. workerd has no ImageData, and the copy would double a large frame's
 * memory. So during the (synchronous) call both names stand for classes of ours: one that passes on the view instead of
 * a copy, and one that passes the frame to `take`. Can go when the package offers its frame without a copy.
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
