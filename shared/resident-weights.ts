/** A network's weights in wasm memory, each in the form that its kernel reads. */
import type { Kernels, Pointer, TensorId } from './kernels.ts'
import { DENSE_PANEL } from './layer-steps.ts'
import type { Weight } from './layer-weights.ts'

const CACHE_LINE = 64

export class ResidentWeights {
  readonly #kernels: Kernels
  readonly #values: Map<string, Weight>
  readonly #tensors = new Map<string, TensorId>()
  /** By what is placed there: a weight's name and form. */
  readonly #places = new Map<string, Pointer>()
  readonly #allocations = new Map<Pointer, Pointer>() // where a place's memory begins

  constructor(kernels: Kernels, values: Map<string, Weight>) {
    this.#kernels = kernels
    this.#values = values
  }

  /** As it is, known to the backend's kernels. */
  tensor(name: string): TensorId {
    let id = this.#tensors.get(name)
    if (id === undefined) {
      const values = this.#valuesOf(name)
      id = this.#kernels.tensor(this.#place(name, values), values.length)
      this.#tensors.set(name, id)
    }
    return id
  }

  /** [inputs, outputs] -> [outputs / 16][inputs][16] */
  panels(name: string): Pointer {
    const key = `${name} in panels`
    const placed = this.#places.get(key)
    if (placed !== undefined) return placed
    const values = this.#valuesOf(name)
    const outputs = this.#values.get(name)!.shape.at(-1)!
    const inputs = values.length / outputs
    const panels = new Float32Array(values.length)
    let at = 0
    for (let first = 0; first < outputs; first += DENSE_PANEL)
      for (let k = 0; k < inputs; k++)
        for (let o = k * outputs + first, end = o + DENSE_PANEL; o < end; o++) panels[at++] = values[o]!
    return this.#place(key, panels)
  }

  bias(name: string | undefined, outputs: number): Pointer {
    const key = name === undefined ? `${outputs} zeros` : `${name} in panels`
    const values = () => (name === undefined ? new Float32Array(outputs) : this.#valuesOf(name))
    return this.#places.get(key) ?? this.#place(key, values())
  }

  /** Frees a weight that XNNPACK has packed: it is found by its id from then on. */
  freePacked(name: string): void {
    const pointer = this.#places.get(name)
    if (pointer === undefined) return
    this.#places.delete(name)
    this.#free(pointer)
  }

  /** The values outside wasm memory are no longer needed: everything has been placed. */
  forgetValues(): void {
    this.#values.clear()
  }

  dispose(): void {
    for (const id of this.#tensors.values()) this.#kernels.forget(id)
    for (const pointer of this.#places.values()) this.#free(pointer)
    this.#tensors.clear()
    this.#places.clear()
  }

  #valuesOf(name: string): Float32Array {
    return this.#values.get(name)!.values
  }

  #place(key: string, values: Float32Array): Pointer {
    const allocated = this.#kernels.allocate(values.byteLength + CACHE_LINE)
    const pointer = Math.ceil(allocated / CACHE_LINE) * CACHE_LINE
    this.#kernels.floats(pointer, values.length).set(values)
    this.#places.set(key, pointer)
    this.#allocations.set(pointer, allocated)
    return pointer
  }

  #free(pointer: Pointer): void {
    this.#kernels.free(this.#allocations.get(pointer)!)
    this.#allocations.delete(pointer)
  }
}
