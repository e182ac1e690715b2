import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { instantiateWat, type WasmBackend, wasmBackend } from './wasm-module.ts'

/** The function that product.wat exports. Pointers are byte offsets. */
interface ProductKernel {
  product(
    a: number,
    aRowBytes: number,
    aColumnBytes: number,
    b: number,
    bias: number,
    c: number,
    m: number,
    k: number,
    n: number,
    floor: number,
    lists: number,
  ): void
}

type KernelArgs = Parameters<tf.KernelFunc>[0]

interface Attributes {
  transposeA: boolean
  transposeB: boolean
  activation?: string
}

/**
 * Replaces the wasm backend's matrix products by product.wat. tfjs's own kernels multiply transposed matrices in a
 * plain loop, and XNNPACK packs the weights again whenever they have changed: twice in every training step.
 */
export async function registerWasmProducts(): Promise<void> {
  const products = new Products(await instantiateWat<ProductKernel>(join(import.meta.dirname, 'product.wat')))
  for (const kernelName of ['BatchMatMul', '_FusedMatMul']) {
    const kernel = tf.getKernel(kernelName, 'wasm')
    tf.unregisterKernel(kernelName, 'wasm')
    const kernelFunc = (args: KernelArgs) =>
      canMultiply(args) ? products.run(args) : kernel.kernelFunc(args)
    tf.registerKernel({ ...kernel, kernelFunc })
  }
}

/** Matrices, or two stacks of equally many; only with the activations that this project's layers use. */
function canMultiply({ inputs, attrs }: KernelArgs): boolean {
  const [a, b] = [inputs.a!, inputs.b!]
  const { activation = 'linear' } = attrs as unknown as Attributes
  return (
    tf.util.arraysEqual(a.shape.slice(0, -2), b.shape.slice(0, -2)) &&
    [a, b].every(({ shape, dtype }) => dtype === 'float32' && !shape.includes(0)) &&
    !inputs.preluActivationWeights &&
    ['linear', 'relu', 'sigmoid'].includes(activation)
  )
}

class Products {
  readonly #backend: WasmBackend = wasmBackend()
  readonly #kernel: ProductKernel
  #lists = { pointer: 0, bytes: 0 }

  constructor(kernel: ProductKernel) {
    this.#kernel = kernel
  }

  run({ inputs, attrs }: KernelArgs): tf.TensorInfo {
    const { transposeA, transposeB, activation } = attrs as unknown as Attributes
    const b = transposeB ? swapLastAxes(inputs.b as tf.Tensor) : inputs.b!
    const out = this.#multiply(inputs.a!, transposeA, b, inputs.bias, activation === 'relu' ? 0 : -Infinity)
    if (transposeB) tf.dispose(b as tf.Tensor)
    if (activation !== 'sigmoid') return out
    const activated = tf
      .getKernel('Sigmoid', 'wasm')
      .kernelFunc({ inputs: { x: out }, backend: tf.backend() })
    this.#backend.disposeData(out.dataId)
    return activated as tf.TensorInfo
  }

  #multiply(
    a: tf.TensorInfo,
    transposeA: boolean,
    b: tf.TensorInfo,
    bias: tf.TensorInfo | undefined,
    floor: number,
  ): tf.TensorInfo {
    const [rows, columns] = a.shape.slice(-2) as [number, number]
    const [m, k, n] = [transposeA ? columns : rows, transposeA ? rows : columns, b.shape.at(-1)!]
    const [rowBytes, columnBytes] = transposeA ? [4, 4 * columns] : [4 * columns, 4]
    const stack = a.shape.slice(0, -2)
    const lists = this.#listsFor(k)
    const out = this.#backend.makeOutput([...stack, m, n], 'float32')
    const [aAt, bAt, outAt] = [a, b, out].map((t) => this.#pointer(t)) as [number, number, number]
    const biasAt = bias ? this.#pointer(bias) : 0
    for (let i = 0; i < tf.util.sizeFromShape(stack); i++) {
      const [ai, bi, ci] = [aAt + 4 * i * m * k, bAt + 4 * i * k * n, outAt + 4 * i * m * n]
      this.#kernel.product(ai, rowBytes, columnBytes, bi, biasAt, ci, m, k, n, floor, lists)
    }
    return out
  }

  #pointer({ dataId }: tf.TensorInfo): number {
    return this.#backend.dataIdMap.get(dataId).memoryOffset
  }

  /** Room for 16 rows' lists and their ends, kept between products. */
  #listsFor(k: number): number {
    const bytes = 16 * (8 * k + 4)
    if (bytes > this.#lists.bytes) {
      const { wasm } = this.#backend
      if (this.#lists.pointer) wasm._free(this.#lists.pointer)
      this.#lists = { pointer: wasm._malloc(bytes), bytes }
    }
    return this.#lists.pointer
  }
}

function swapLastAxes(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, i) => i)
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
}
