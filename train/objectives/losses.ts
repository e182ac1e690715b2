import * as tf from '@tensorflow/tfjs'

export const objectiveNames = ['ae', 'denoising', 'vae', 'rate-distortion'] as const
export type ObjectiveName = (typeof objectiveNames)[number]

export interface StepInputs {
  clean: tf.Tensor2D // [n, pixels] in [0,1]: what the decoder should give
  input: tf.Tensor2D // [n, pixels]: what the encoder gets (corrupted, when denoising)
  noise: tf.Tensor2D // [n, latent], or [1, 1] if the objective uses none
  /** Training's progress, 0 to 1. */
  progress: number
}

/** Means over the batch. `rateBits`: bits per image (0 if the objective has no rate). */
export interface Losses {
  loss: tf.Scalar
  mse: tf.Scalar
  rateBits: tf.Scalar
}

export type ValidationLosses = (clean: tf.Tensor2D, input: tf.Tensor2D) => Losses

/** The parts of every objective. */
export interface ObjectiveBase {
  /** Trained beside the networks' weights. */
  variables: tf.Variable[]
  /** What `StepInputs.noise` holds: uniform in [-0.5, 0.5), or standard normal. */
  noise: 'none' | 'uniform' | 'normal'
  losses(inputs: StepInputs): Losses
  /** The same without noise, as the codec will compute it, for validation. */
  validationLosses: ValidationLosses
}

export function meanSquaredError(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.mean(tf.square(tf.sub(a, b))) as tf.Scalar
}
