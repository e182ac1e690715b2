/**
 * drawPlanes() by draw.wasm, for services: 4 megapixels take 40 ms of CPU in place of 500. The decoder in the npm package
 * does without, as its JavaScript is smaller.
 */
import { basisOf, drawPlanes, type Plane } from '../draw.ts'

const PAGE = 65536
/** Of the longest rows that are drawn: beyond this a row would take more memory than it is worth. */
const MOST_WIDTH = 16384

interface Exports extends Record<'width' | 'rows' | 'rgba' | 'sums', { value: number }> {
  memory: WebAssembly.Memory
  addPlane(plane: number, band: number, coefficients: number, across: number, down: number): void
  mixPlanes(): void
}

let compiled: (() => WebAssembly.Module) | undefined
let kernel: DrawKernel | undefined

/** Only the caller knows how its runtime finds a wasm file. Without one, planes are drawn in JavaScript. */
export function provideDrawKernel(module: () => WebAssembly.Module): void {
  compiled = module
  kernel = undefined
}

/** As drawPlanes(). */
export function drawPlanesFast(
  planes: Plane[],
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  if (!compiled || width > MOST_WIDTH) return drawPlanes(planes, width, height)
  kernel ??= new DrawKernel(compiled())
  return kernel.draw(planes, width, height)
}

class DrawKernel {
  readonly #wasm: Exports
  #top = 0

  constructor(module: WebAssembly.Module) {
    this.#wasm = new WebAssembly.Instance(module).exports as unknown as Exports
  }

  draw(planes: Plane[], width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
    const picture = new Uint8ClampedArray(width * height * 4)
    const placed = this.#layOut(planes, width, height)
    const row = new Uint8ClampedArray(this.#wasm.memory.buffer, this.#wasm.rgba.value, 4 * width)
    for (let y = 0; y < height; y++) {
      for (const [i, { band, coefficients, across, down }] of placed.entries())
        this.#wasm.addPlane(i, band, coefficients, across, down + 4 * band * y)
      this.#wasm.mixPlanes()
      picture.set(row, 4 * width * y)
    }
    return picture
  }

  /** Addresses of each plane's coefficients and bases. */
  #layOut(planes: Plane[], width: number, height: number) {
    const { wasm, padded } = { wasm: this.#wasm, padded: 4 * Math.ceil(width / 4) }
    const longest = Math.max(...planes.map(({ band }) => band))
    this.#top = 16
    wasm.width.value = padded
    wasm.rows.value = this.#place(4 * padded * planes.length)
    wasm.rgba.value = this.#place(4 * padded)
    wasm.sums.value = this.#place(4 * longest)
    const across = this.#put(rowsOf(basisOf(longest, width), width, padded))
    return planes.map(({ band, coefficients }) => ({
      band,
      coefficients: this.#put(coefficients),
      across,
      down: this.#put(transposed(basisOf(longest, height), band, height)),
    }))
  }

  #place(bytes: number): number {
    const at = this.#top
    this.#top = Math.ceil((at + bytes) / 16) * 16
    const missing = this.#top - this.#wasm.memory.buffer.byteLength
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / PAGE))
    return at
  }

  #put(values: Int32Array): number {
    const at = this.#place(4 * values.length)
    new Int32Array(this.#wasm.memory.buffer, at, values.length).set(values)
    return at
  }
}

/** Rows of `width`, with room for `padded`. */
function rowsOf(basis: Int32Array, width: number, padded: number): Int32Array {
  if (width === padded) return basis
  const rows = new Int32Array((basis.length / width) * padded)
  for (let from = 0, to = 0; from < basis.length; from += width, to += padded)
    rows.set(basis.subarray(from, from + width), to)
  return rows
}

/** [band, size] -> [size, band], of the first `band` frequencies. */
function transposed(basis: Int32Array, band: number, size: number): Int32Array {
  const columns = new Int32Array(size * band)
  for (let y = 0, to = 0; y < size; y++) for (let v = 0; v < band; v++) columns[to++] = basis[v * size + y]
  return columns
}
