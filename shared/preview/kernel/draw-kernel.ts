/**
 * drawPlanes() by draw.wasm, for services: 4 megapixels take 70 ms of CPU in place of 450. The decoder in the npm package
 * does without, as its JavaScript is smaller.
 */
import { Places } from '../../wasm-memory.ts'
import { basisOf, drawPlanes, type Plane } from '../draw.ts'

/** Of a vector. */
const ALIGNMENT = 16

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
  if (!compiled) return drawPlanes(planes, width, height)
  kernel ??= new DrawKernel(compiled())
  return kernel.draw(planes, width, height)
}

class DrawKernel {
  readonly #wasm: Exports
  readonly #places: Places

  constructor(module: WebAssembly.Module) {
    this.#wasm = new WebAssembly.Instance(module).exports as unknown as Exports
    this.#places = new Places(this.#wasm.memory, ALIGNMENT)
  }

  draw(planes: Plane[], width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
    const picture = new Uint8ClampedArray(width * height * 4)
    const longest = Math.max(...planes.map(({ band }) => band))
    const { coefficients, across, down } = this.#layOut(planes, longest, width, height)
    const row = new Uint8ClampedArray(this.#wasm.memory.buffer, this.#wasm.rgba.value, 4 * width)
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < planes.length; i++)
        this.#wasm.addPlane(i, planes[i].band, coefficients[i], across, down + 4 * longest * y)
      this.#wasm.mixPlanes()
      picture.set(row, 4 * width * y)
    }
    return picture
  }

  /** Addresses of the planes' coefficients, and of the bases that they share. */
  #layOut(planes: Plane[], longest: number, width: number, height: number) {
    const [wasm, places] = [this.#wasm, this.#places]
    const padded = 4 * Math.ceil(width / 4)
    places.top = ALIGNMENT
    wasm.width.value = padded
    wasm.rows.value = places.place(4 * padded * planes.length)
    wasm.rgba.value = places.place(4 * padded)
    wasm.sums.value = places.place(4 * longest)
    return {
      coefficients: planes.map(({ coefficients }) => places.put(coefficients)),
      across: places.put(rowsOf(basisOf(longest, width), width, padded)),
      down: places.put(transposed(basisOf(longest, height), longest, height)),
    }
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

/** [band, size] -> [size, band] */
function transposed(basis: Int32Array, band: number, size: number): Int32Array {
  const columns = new Int32Array(size * band)
  for (let y = 0, to = 0; y < size; y++) for (let v = 0; v < band; v++) columns[to++] = basis[v * size + y]
  return columns
}
