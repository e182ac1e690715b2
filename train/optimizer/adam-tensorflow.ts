import * as tf from '@tensorflow/tfjs'
import { readAndDispose } from '../backends/read-tensor.ts'
import { type AdamResources, TensorFlowOps } from '../backends/tensorflow-ops.ts'
import type { AdamSettings, Optimizer, OptimizerState } from './optimizer.ts'

/** Adam by TensorFlow's fused ResourceApplyAdam: per variable one pass over memory, in place, and two operations. */
export class TensorFlowAdam implements Optimizer {
  readonly #ops = new TensorFlowOps()
  readonly #variables: tf.Variable[]
  readonly #settings: AdamSettings
  readonly #resources: AdamResources[]
  #steps = 0
  #weightsTaken = false

  constructor(variables: tf.Variable[], settings: AdamSettings) {
    this.#variables = variables
    this.#settings = settings
    this.#resources = tf.tidy(() =>
      variables.map((v) => {
        const zeros = tf.zeros(v.shape)
        return [this.#ops.createResource(v), this.#ops.createResource(zeros), this.#ops.createResource(zeros)]
      }),
    )
  }

  apply(gradients: tf.Tensor[], learningRate: number): void {
    const { beta1, beta2, epsilon, clipNorm } = this.#settings
    if (!this.#weightsTaken) this.#takeWeights()
    this.#steps++
    const correction2 = 1 - beta2 ** this.#steps
    // TensorFlow's epsilon is the paper's epsilon-hat, added before the second moment is corrected.
    const numbers = [
      beta1 ** this.#steps,
      1 - correction2,
      learningRate,
      beta1,
      beta2,
      epsilon * Math.sqrt(correction2),
    ]
    const scalars = numbers.map((value) => this.#ops.scalar(value))
    tf.tidy(() => {
      const clipped = clipNorm > 0 ? this.#clip(gradients, clipNorm) : gradients
      this.#variables.forEach((v, i) => {
        this.#ops.applyAdam(v, this.#resources[i], scalars, clipped[i])
      })
    })
    for (const scalar of scalars) this.#ops.deleteScalar(scalar)
  }

  #clip(gradients: tf.Tensor[], clipNorm: number): tf.Tensor[] {
    const halves = gradients.map((g) => this.#ops.run('L2Loss', g) as tf.Scalar) // sum of squares / 2
    const norm = tf.sqrt(tf.mul(tf.sum(tf.stack(halves)), 2))
    const scale = tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-12)))
    return gradients.map((g) => this.#ops.run('Mul', g, scale))
  }

  get steps(): number {
    return this.#steps
  }

  async *moments(which: 'first' | 'second'): AsyncGenerator<Float32Array> {
    for (const [, first, second] of this.#resources)
      yield await readAndDispose(this.#ops.read(which === 'first' ? first : second))
  }

  /** The variables' values are read again at the next update. */
  restore({ steps, moments }: OptimizerState): void {
    this.#steps = steps
    this.#weightsTaken = false
    let at = 0
    for (const [i, { size, shape }] of this.#variables.entries()) {
      for (const which of [1, 2] as const) {
        const part = tf.tensor(moments[which - 1].slice(at, at + size), shape)
        this.#ops.assign(this.#resources[i][which], part)
        part.dispose()
      }
      at += size
    }
  }

  #takeWeights(): void {
    this.#variables.forEach((v, i) => {
      this.#ops.assign(this.#resources[i][0], v)
    })
    this.#weightsTaken = true
  }
}
