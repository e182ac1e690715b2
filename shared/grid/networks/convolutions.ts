/** Convolutions on the wasm backend's kernels, at any size: weights stay in its memory, activations in buffers that grow. */
import {
  FUSED_ACTIVATIONS,
  type Kernels,
  type Pointer,
  type TensorId,
} from '../../network/kernels/kernels.ts'
import { kernelLength, type LayerName, type LayerShape } from './layer-shapes.ts'

interface Buffer {
  pointer: Pointer
  floats: number
}

interface ResidentLayer {
  shape: LayerShape
  kernel: TensorId
  bias: TensorId
}

/** Memory for activations: of networks that run one after another, the same. */
export class Buffers {
  readonly #kernels: Kernels
  readonly #buffers = new Map<string, Buffer>()

  constructor(kernels: Kernels) {
    this.#kernels = kernels
  }

  atLeast(name: string, length: number): Buffer {
    const found = this.#buffers.get(name)
    if (found && found.floats >= length) return found
    if (found) this.#kernels.free(found.pointer)
    const buffer = { pointer: this.#kernels.allocate(length * 4), floats: length }
    this.#buffers.set(name, buffer)
    return buffer
  }

  dispose(): void {
    for (const { pointer } of this.#buffers.values()) this.#kernels.free(pointer)
    this.#buffers.clear()
  }
}

export class Convolutions {
  readonly #kernels: Kernels
  readonly #layers = new Map<string, ResidentLayer>()
  readonly #buffers: Buffers
  readonly #places: Pointer[] = []

  /** weights: of all layers in order, kernel then bias. */
  constructor(
    kernels: Kernels,
    shapes: Partial<Record<LayerName, LayerShape>>,
    weights: Float32Array,
    buffers: Buffers,
  ) {
    this.#kernels = kernels
    this.#buffers = buffers
    let at = 0
    const place = (length: number): TensorId => {
      const pointer = kernels.allocate(length * 4)
      kernels.floats(pointer, length).set(weights.subarray(at, at + length))
      at += length
      this.#places.push(pointer)
      return kernels.tensor(pointer, length)
    }
    for (const [name, shape] of Object.entries(shapes)) {
      const kernel = place(kernelLength(shape))
      this.#layers.set(name, { shape, kernel, bias: shape.bias ? place(shape.outputs) : 0 })
    }
  }

  /** A named buffer in wasm memory; valid until another one is asked for. */
  floats(name: string, length: number): Float32Array {
    return this.#kernels.floats(this.#buffers.atLeast(name, length).pointer, length)
  }

  /** Buffer `from` [height, width, inputs] through a layer into buffer `to` [height, width, outputs]. */
  run(name: LayerName, from: string, to: string, height: number, width: number, relu: boolean): void {
    const { shape, kernel, bias } = this.#layers.get(name)!
    const { size, inputs, outputs } = shape
    const source = this.#buffers.atLeast(from, height * width * inputs)
    const target = this.#buffers.atLeast(to, height * width * outputs)
    const x = this.#kernels.tensor(source.pointer, height * width * inputs)
    const y = this.#kernels.tensor(target.pointer, height * width * outputs)
    const pad = (size - 1) / 2
    const { call } = this.#kernels
    call.FusedConv2D(
      ...[x, 1, height, width, kernel, size, size, bias, pad, pad, pad, pad, 1, 1, 1, 1, 1, inputs, outputs],
      ...[relu ? FUSED_ACTIVATIONS.relu : FUSED_ACTIVATIONS.linear, 0, 0, y],
    )
    this.#kernels.forget(x)
    this.#kernels.forget(y)
  }

  dispose(): void {
    for (const { kernel, bias } of this.#layers.values()) {
      this.#kernels.forget(kernel)
      if (bias) this.#kernels.forget(bias)
    }
    for (const pointer of this.#places) this.#kernels.free(pointer)
    this.#layers.clear()
    this.#buffers.dispose()
  }
}
