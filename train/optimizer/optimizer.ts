import type * as tf from '@tensorflow/tfjs'

export interface AdamSettings {
  beta1: number
  beta2: number
  epsilon: number
  /** Largest norm of the whole gradient; 0 for no limit. */
  clipNorm: number
}

export interface OptimizerState {
  steps: number
  moments: [Float32Array, Float32Array] // all variables' first, all variables' second, in the variables' order
}

export interface Optimizer {
  /** `gradients` in the variables' order. Updates in place: earlier clones of a variable see the new value. */
  apply(gradients: tf.Tensor[], learningRate: number): void
  /** How many updates there have been. */
  readonly steps: number
  /** All variables' first or second moments, in the variables' order. In parts, so that large ones are not in memory twice. */
  moments(which: 'first' | 'second'): AsyncIterable<Float32Array>
  /** The next update reads the variables' own values again, so they may be set before or after this. */
  restore(state: OptimizerState): void
}
