import * as tf from '@tensorflow/tfjs'
import type { AdamSettings, Optimizer, OptimizerState } from './optimizer.ts'

/** Adam over all variables as one vector, in tfjs's own operations: for any backend. */
export class FlatAdam implements Optimizer {
  readonly #variables: tf.Variable[]
  readonly #sizes: number[]
  readonly #settings: AdamSettings
  #first: tf.Tensor1D
  #second: tf.Tensor1D
  #steps = 0

  constructor(variables: tf.Variable[], settings: AdamSettings) {
    this.#variables = variables
    this.#sizes = variables.map((v) => v.size)
    this.#settings = settings
    const size = this.#sizes.reduce((a, b) => a + b, 0)
    this.#first = tf.keep(tf.zeros([size]))
    this.#second = tf.keep(tf.zeros([size]))
  }

  apply(gradients: tf.Tensor[], learningRate: number): void {
    const { beta1, beta2, epsilon, clipNorm } = this.#settings
    this.#steps++
    const correction1 = 1 - beta1 ** this.#steps
    const correction2 = 1 - beta2 ** this.#steps
    tf.tidy(() => {
      let gradient = tf.concat(gradients.map((g) => tf.reshape(g, [-1]))) as tf.Tensor1D
      if (clipNorm > 0) {
        const norm = tf.sqrt(tf.sum(tf.square(gradient)))
        gradient = tf.mul(gradient, tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-12))))
      }
      const first = tf.add(tf.mul(this.#first, beta1), tf.mul(gradient, 1 - beta1)) as tf.Tensor1D
      const second = tf.add(
        tf.mul(this.#second, beta2),
        tf.mul(tf.square(gradient), 1 - beta2),
      ) as tf.Tensor1D
      const root = tf.add(tf.mul(tf.sqrt(second), 1 / Math.sqrt(correction2)), epsilon)
      const change = tf.div(tf.mul(first, learningRate / correction1), root)
      const parts = tf.split(change, this.#sizes)
      this.#variables.forEach((v, i) => {
        v.assign(tf.sub(v, tf.reshape(parts[i], v.shape)))
      })
      this.#replace(first, second)
    })
  }

  #replace(first: tf.Tensor1D, second: tf.Tensor1D): void {
    tf.dispose([this.#first, this.#second])
    this.#first = tf.keep(first)
    this.#second = tf.keep(second)
  }

  get steps(): number {
    return this.#steps
  }

  async *moments(which: 'first' | 'second'): AsyncGenerator<Float32Array> {
    yield await (which === 'first' ? this.#first : this.#second).data<'float32'>()
  }

  restore({ steps, moments }: OptimizerState): void {
    this.#steps = steps
    this.#replace(tf.tensor1d(moments[0]), tf.tensor1d(moments[1]))
  }
}
