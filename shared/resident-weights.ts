/** A network's weights in wasm memory, each in the form that its kernel reads. WeightUpload fills them. */
import type { Kernels, Pointer, TensorId } from './kernels.ts'
import { product } from './layer-weights.ts'
import type { WeightSpec } from './manifest.ts'
import { DENSE_PANEL } from './steps.ts'

/** Bytes of a cache line, which are those of a panel's row too. */
export const LINE_BYTES = 64
/** Values of a line. */
export const LINE = DENSE_PANEL

/** Where a weight's lines of 16 values lie: one after another, or in panels, [outputs / 16][inputs][16]. */
export interface Placement {
  pointer: Pointer
  values: number
  /** 1 where there are no panels. */
  panels: number
  panelBytes: number
}

export class ResidentWeights {
  readonly #kernels: Kernels
  readonly #tensors = new Map<string, TensorId>()
  readonly #placements = new Map<string, Placement>()
  readonly #zeros = new Map<number, Pointer>()
  readonly #allocations = new Map<Pointer, Pointer>() // where a place's memory begins

  /** `inPanels` names those that dense.wat reads. */
  constructor(kernels: Kernels, specs: WeightSpec[], inPanels: Set<string>) {
    this.#kernels = kernels
    for (const { name, shape } of specs) {
      const values = product(shape)
      const pointer = this.#allocate(Math.ceil(values / LINE) * LINE_BYTES)
      const panels = inPanels.has(name) ? shape.at(-1)! / LINE : 1
      const panelBytes = inPanels.has(name) ? (values / shape.at(-1)!) * LINE_BYTES : LINE_BYTES
      this.#placements.set(name, { pointer, values, panels, panelBytes })
    }
  }

  placement(name: string): Placement {
    return this.#placements.get(name)!
  }

  /** As the backend's kernels know it. */
  tensor(name: string): TensorId {
    let id = this.#tensors.get(name)
    if (id === undefined) {
      const { pointer, values } = this.placement(name)
      id = this.#kernels.tensor(pointer, values)
      this.#tensors.set(name, id)
    }
    return id
  }

  bias(name: string | undefined, outputs: number): Pointer {
    if (name !== undefined) return this.placement(name).pointer
    let zeros = this.#zeros.get(outputs)
    if (zeros === undefined) {
      zeros = this.#allocate(4 * outputs)
      this.#kernels.floats(zeros, outputs).fill(0)
      this.#zeros.set(outputs, zeros)
    }
    return zeros
  }

  /** Frees a weight that XNNPACK has packed: it is found by its id from then on. */
  freePacked(name: string): void {
    const placement = this.#placements.get(name)
    if (placement === undefined) return
    this.#placements.delete(name)
    this.#free(placement.pointer)
  }

  dispose(): void {
    for (const id of this.#tensors.values()) this.#kernels.forget(id)
    for (const { pointer } of this.#placements.values()) this.#free(pointer)
    for (const pointer of this.#zeros.values()) this.#free(pointer)
    this.#tensors.clear()
    this.#placements.clear()
    this.#zeros.clear()
  }

  #allocate(bytes: number): Pointer {
    const allocated = this.#kernels.allocate(bytes + LINE_BYTES)
    const pointer = Math.ceil(allocated / LINE_BYTES) * LINE_BYTES
    this.#allocations.set(pointer, allocated)
    return pointer
  }

  #free(pointer: Pointer): void {
    this.#kernels.free(this.#allocations.get(pointer)!)
    this.#allocations.delete(pointer)
  }
}
