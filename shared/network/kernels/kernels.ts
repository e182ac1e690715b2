/**
 * The kernels of tfjs-backend-wasm, without TensorFlow.js around them.
 *
 * The backend's .wasm file keeps the names of its exports and needs only seven imports, so it is instantiated here
 * directly, without emscripten's glue and the glue's problems: it takes its Node branch in workerd unless
 * `process.versions.node` is defined away, an init that fails never settles, its listeners on `process` pile up, and
 * its heap grows by 20 % more than requested. Instantiating the Module directly either settles or throws. The kernels
 * that are used are checked, one by one, against the file before the first call.
 */

/** The version of @tensorflow/tfjs-backend-wasm that the C++ signatures below are of. */
const TFJS_WASM_VERSION = '4.22.0'

/** An address in wasm memory, and the number that the backend's C++ knows a tensor by. */
export type Pointer = number
export type TensorId = number

export const FLOAT32 = 0 // CppDType in tfjs-backend-wasm/src/kernels/types.ts

/** FusableActivation, same file. */
export const FUSED_ACTIVATIONS = { linear: 0, relu: 1, relu6: 2, elu: 6 } as const

/** How many parameters each export takes in this version: a guard against any other version. */
const PARAMETERS = {
  malloc: 1,
  free: 1,
  init_with_threads_count: 1,
  register_tensor: 3, // id, size, pointer
  dispose_data: 1, // id
  _FusedMatMul: 13, // a, aShape, aRank, b, bShape, bRank, transposeA, transposeB, activation, bias, prelu, alpha, out
  FusedConv2D: 23, // in the order of conv2d() in conv-steps.ts
  Add: 8, // a, aShape, aRank, b, bShape, bRank, dtype, out
  Relu: 3, // x, dtype, out
  Elu: 3,
  Tanh: 3,
  ClipByValue: 4, // x, min, max, out
  Sigmoid: 2, // x, out
  Prelu: 3, // x, slopes, out
  Transpose: 7, // x, xShape, xRank, dtype, out, permutation, length
  ResizeBilinear: 10, // x, batch, height, width, channels, newHeight, newWidth, alignCorners, halfPixelCenters, out
  ResizeNearestNeighbor: 10,
} as const

/** Our own kernels, shared/network/kernels/own-kernels.wat, in the backend's memory. They take pointers, not ids. */
const OWN_PARAMETERS = {
  dense: 9, // x, weights, bias, y, lists, rows, inputs, outputs, floor
  fromSamples: 3, // samples, x, count
  toSamples: 3, // x, samples, count
  panels: 4, // halves, panels, inputs, outputs
} as const

export type KernelName = keyof typeof PARAMETERS | keyof typeof OWN_PARAMETERS
export type Kernel = (...args: number[]) => number

export class KernelsError extends Error {
  override name = 'KernelsError'
}

export class Kernels {
  readonly call: Record<KernelName, Kernel>
  readonly #memory: WebAssembly.Memory
  #nextId = 1 // 0 means "no tensor" to the kernels
  #liveTensors = 0
  #liveBytes = 0
  readonly #sizes = new Map<Pointer, number>()

  /** False if own-kernels.wasm was not given: the same results are then computed without it. */
  readonly hasOwn: boolean

  constructor(exports: WebAssembly.Exports, own?: WebAssembly.Exports) {
    this.call = { ...exports, ...own } as unknown as Record<KernelName, Kernel>
    this.hasOwn = own !== undefined
    this.#memory = exports.memory as WebAssembly.Memory
  }

  /** When it grows, every view of it becomes empty: never keep a view without comparing its buffer to this one. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer as ArrayBuffer
  }

  /** What is held now. For tests that a request or a dropped network leaves nothing behind. */
  get held(): { tensors: number; bytes: number; heapBytes: number } {
    return { tensors: this.#liveTensors, bytes: this.#liveBytes, heapBytes: this.buffer.byteLength }
  }

  allocate(bytes: number): Pointer {
    const pointer = this.call.malloc(bytes) >>> 0 // a signed int from wasm, unsigned above 2 GiB
    if (pointer === 0) throw new KernelsError(`wasm memory is full: ${bytes} bytes asked for`)
    this.#sizes.set(pointer, bytes)
    this.#liveBytes += bytes
    return pointer
  }

  free(pointer: Pointer): void {
    this.#liveBytes -= this.#sizes.get(pointer)!
    this.#sizes.delete(pointer)
    this.call.free(pointer)
  }

  /** Names `floats` float32 values at `pointer` to the C++ side. The memory stays the caller's. */
  tensor(pointer: Pointer, floats: number): TensorId {
    const id = this.#nextId++
    this.call.register_tensor(id, floats, pointer)
    this.#liveTensors++
    return id
  }

  /** Also drops the packed weights that XNNPACK's operators hold for this tensor. */
  forget(id: TensorId): void {
    this.call.dispose_data(id)
    this.#liveTensors--
  }

  floats(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.buffer, pointer, length)
  }

  /** Kernels take shapes as pointers to int32. */
  placeInts(values: readonly number[]): Pointer {
    const pointer = this.allocate(values.length * 4)
    new Int32Array(this.buffer, pointer, values.length).set(values)
    return pointer
  }
}

/** Grows the memory by what is requested and no more. A wasm page has 64 KiB. */
function growTo(memory: WebAssembly.Memory, bytes: number): number {
  const missing = bytes - memory.buffer.byteLength
  try {
    if (missing > 0) memory.grow(Math.ceil(missing / 65536))
    return 1
  } catch {
    return 0 // malloc then returns 0, which allocate() turns into an error
  }
}

function readIovecs(buffer: ArrayBuffer, iovecs: number, count: number): string {
  const words = new Uint32Array(buffer, iovecs, count * 2)
  let text = ''
  for (let i = 0; i < count; i++) {
    text += new TextDecoder().decode(new Uint8Array(buffer, words[2 * i], words[2 * i + 1]))
  }
  return text.trim()
}

function imports(memory: () => WebAssembly.Memory): WebAssembly.Imports {
  return {
    env: {
      abort: () => {
        throw new KernelsError('a kernel aborted')
      },
      emscripten_memcpy_big: (to: number, from: number, bytes: number) => {
        new Uint8Array(memory().buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (bytes >>> 0))
      },
      emscripten_get_heap_max: () => 2 ** 32 - 65536,
      emscripten_resize_heap: (bytes: number) => growTo(memory(), bytes >>> 0),
    },
    wasi_snapshot_preview1: {
      // Given wrong arguments, the kernels print a complaint and return without a result. That must not go unnoticed.
      fd_write: (_fd: number, iovecs: number, count: number) => {
        throw new KernelsError(
          `a kernel complained: ${readIovecs(memory().buffer as ArrayBuffer, iovecs, count)}`,
        )
      },
      fd_close: () => 0,
      fd_seek: () => 0,
    },
  }
}

function checkVersion(exports: WebAssembly.Exports): void {
  for (const [name, parameters] of Object.entries(PARAMETERS)) {
    const found = exports[name]
    if (typeof found !== 'function' || found.length !== parameters) {
      const what = typeof found === 'function' ? `takes ${found.length} parameters` : 'is missing'
      throw new KernelsError(
        `this is not the SIMD wasm file of @tensorflow/tfjs-backend-wasm ${TFJS_WASM_VERSION}: ` +
          `${name} ${what}, expected ${parameters}`,
      )
    }
  }
}

async function loadOwn(own: WebAssembly.Module, memory: WebAssembly.Memory): Promise<WebAssembly.Exports> {
  const { exports } = await WebAssembly.instantiate(own, { env: { memory } })
  for (const [name, parameters] of Object.entries(OWN_PARAMETERS))
    if ((exports[name] as Kernel | undefined)?.length !== parameters)
      throw new KernelsError('own-kernels.wasm is not the one of this version')
  return exports
}

/**
 * Works in Node, workerd and browsers. `wasm` is the compiled tfjs-backend-wasm-simd.wasm, `own` is
 * shared/network/kernels/own-kernels.wasm.
 */
export async function loadKernels(wasm: WebAssembly.Module, own?: WebAssembly.Module): Promise<Kernels> {
  let memory: WebAssembly.Memory | undefined
  const instance = await WebAssembly.instantiate(
    wasm,
    imports(() => memory!),
  )
  const { exports } = instance
  checkVersion(exports)
  memory = exports.memory as WebAssembly.Memory
  ;(exports.__wasm_call_ctors as Kernel)()
  const kernels = new Kernels(exports, own && (await loadOwn(own, memory)))
  kernels.call.init_with_threads_count(1)
  return kernels
}
