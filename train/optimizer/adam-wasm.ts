import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { instantiateWat, wasmBackend } from '../../node/tensorflow/wasm-module.ts'
import type { AdamSettings, Optimizer, OptimizerState } from './optimizer.ts'

/** The functions that adam.wat exports. Pointers are byte offsets; `end` is where the first array ends. */
interface AdamKernel {
  sumOfSquares(x: number, end: number): number
  adam(
    weights: number,
    gradient: number,
    first: number,
    second: number,
    end: number,
    scale: number,
    keep1: number,
    keep2: number,
    rate: number,
    rootScale: number,
    epsilon: number,
  ): void
}

/** Adam by one SIMD loop of our own (adam.wat) over the backend's memory: a tenth of the time of tfjs's kernels. */
export async function wasmAdam(variables: tf.Variable[], settings: AdamSettings): Promise<Optimizer> {
  return new WasmAdam(
    variables,
    settings,
    await instantiateWat<AdamKernel>(join(import.meta.dirname, 'adam.wat')),
  )
}

class WasmAdam implements Optimizer {
  readonly #backend = wasmBackend()
  readonly #variables: tf.Variable[]
  readonly #settings: AdamSettings
  readonly #kernel: AdamKernel
  readonly #moments: [first: tf.Tensor, second: tf.Tensor][]
  #steps = 0

  constructor(variables: tf.Variable[], settings: AdamSettings, kernel: AdamKernel) {
    this.#variables = variables
    this.#settings = settings
    this.#kernel = kernel
    this.#moments = variables.map(({ size }) => [
      padded(new Float32Array(size)),
      padded(new Float32Array(size)),
    ])
  }

  apply(gradients: tf.Tensor[], learningRate: number): void {
    const { beta1, beta2, epsilon } = this.#settings
    this.#steps++
    const rate = learningRate / (1 - beta1 ** this.#steps)
    const rootScale = 1 / Math.sqrt(1 - beta2 ** this.#steps)
    tf.tidy(() => {
      const sources = gradients.map((g) => (g.size % 4 === 0 ? g : padTensor(g)))
      const scale = this.#clipScale(sources)
      this.#variables.forEach((variable, i) => {
        const weights = variable.size % 4 === 0 ? variable : padTensor(variable)
        const [first, second] = this.#moments[i]
        const pointers = [weights, sources[i], first, second].map((t) => this.#pointer(t))
        const [w, g, m, v] = pointers as [number, number, number, number]
        this.#kernel.adam(
          w,
          g,
          m,
          v,
          w + 4 * weights.size,
          scale,
          1 - beta1,
          1 - beta2,
          rate,
          rootScale,
          epsilon,
        )
        if (weights === variable) this.#renew(variable)
        else variable.assign(tf.reshape(tf.slice(weights, 0, variable.size), variable.shape))
      })
    })
  }

  #clipScale(gradients: tf.Tensor[]): number {
    const { clipNorm } = this.#settings
    if (clipNorm <= 0) return 1
    let sum = 0
    for (const g of gradients)
      sum += this.#kernel.sumOfSquares(this.#pointer(g), this.#pointer(g) + 4 * g.size)
    return Math.min(1, clipNorm / (Math.sqrt(sum) + 1e-12))
  }

  #pointer({ dataId }: tf.Tensor): number {
    return this.#backend.dataIdMap.get(dataId).memoryOffset
  }

  /** XNNPACK keeps packed copies of weights by the tensor's number, and packs them again for a new number. */
  #renew({ dataId, size }: tf.Variable): void {
    const data = this.#backend.dataIdMap.get(dataId)
    const { tfjs } = this.#backend.wasm
    tfjs.disposeData(data.id) // forgets the number and its packed weights; the memory stays
    data.id = this.#backend.dataIdNextNumber++
    tfjs.registerTensor(data.id, size, data.memoryOffset)
  }

  get steps(): number {
    return this.#steps
  }

  async *moments(which: 'first' | 'second'): AsyncGenerator<Float32Array> {
    for (const [i, { size }] of this.#variables.entries()) {
      const [first, second] = this.#moments[i]
      const values = await (which === 'first' ? first : second).data<'float32'>()
      yield values.subarray(0, size)
    }
  }

  restore({ steps, moments }: OptimizerState): void {
    this.#steps = steps
    let at = 0
    for (const [i, { size }] of this.#variables.entries()) {
      tf.dispose(this.#moments[i])
      this.#moments[i] = [
        padded(moments[0].subarray(at, at + size)),
        padded(moments[1].subarray(at, at + size)),
      ]
      at += size
    }
  }
}

/** The kernel takes four floats at a time. */
function padded(values: Float32Array): tf.Tensor1D {
  const whole = new Float32Array(4 * Math.ceil(values.length / 4))
  whole.set(values)
  return tf.keep(tf.tensor1d(whole))
}

function padTensor(x: tf.Tensor): tf.Tensor1D {
  return tf.pad1d(tf.reshape(x, [-1]) as tf.Tensor1D, [0, 4 - (x.size % 4)])
}
