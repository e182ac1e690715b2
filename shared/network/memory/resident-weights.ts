/** A network's weights in wasm memory, laid out as their kernels read them (place-weights.ts). */
import type { Kernels, Pointer, TensorId } from '../kernels/kernels.ts'
import type { PlacedWeight } from './place-weights.ts'

const LINE_BYTES = 64 // a cache line

interface Resident extends PlacedWeight {
  allocated: Pointer
  pointer: Pointer // aligned
}

export class ResidentWeights {
  readonly #kernels: Kernels
  readonly #residents = new Map<string, Resident>()
  readonly #tensors = new Map<string, TensorId>()
  #unwritten: Resident[]
  #written = 0 // bytes of the first of those

  constructor(kernels: Kernels, weights: PlacedWeight[]) {
    this.#kernels = kernels
    for (const weight of weights) {
      const allocated = kernels.allocate(weight.bytes + LINE_BYTES)
      const pointer = Math.ceil(allocated / LINE_BYTES) * LINE_BYTES
      this.#residents.set(weight.name, { ...weight, allocated, pointer })
    }
    this.#unwritten = [...this.#residents.values()]
  }

  /** Takes the bytes of all weights, one after another, in pieces of any size, so the whole never exists as a copy. */
  write(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const weight = this.#unwritten[0]
      if (weight === undefined) throw new RangeError(`${piece.length - at} bytes more than the weights have`)
      const part = piece.subarray(at, at + weight.bytes - this.#written)
      new Uint8Array(this.#kernels.buffer, weight.pointer + this.#written).set(part)
      at += part.length
      this.#written += part.length
      if (this.#written < weight.bytes) break
      this.#unwritten.shift()
      this.#written = 0
    }
  }

  /** Throws if bytes are missing. */
  finish(): void {
    if (this.#unwritten.length > 0) throw new RangeError('the bytes of the weights end early')
  }

  pointer(name: string): Pointer {
    return this.#residents.get(name)!.pointer
  }

  /** The id by which the backend's kernels know a weight. */
  tensor(name: string): TensorId {
    let id = this.#tensors.get(name)
    if (id === undefined) {
      const { pointer, floats } = this.#residents.get(name)!
      id = this.#kernels.tensor(pointer, floats)
      this.#tensors.set(name, id)
    }
    return id
  }

  /** Frees a weight of which XNNPACK has a packed copy, which the kernels find by the weight's id. */
  freePacked(name: string): void {
    const weight = this.#residents.get(name)
    if (weight === undefined) return
    this.#residents.delete(name)
    this.#kernels.free(weight.allocated)
  }

  dispose(): void {
    for (const id of this.#tensors.values()) this.#kernels.forget(id)
    for (const { allocated } of this.#residents.values()) this.#kernels.free(allocated)
    this.#tensors.clear()
    this.#residents.clear()
  }
}
