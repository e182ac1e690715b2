import * as tf from '@tensorflow/tfjs'
import type { EncoderNetwork } from '../networks/families.ts'
import { applyNetwork } from '../networks/mlp.ts'

export const objectives = ['ae', 'denoising', 'vae', 'rate-distortion'] as const
export type ObjectiveName = (typeof objectives)[number]

export interface Networks {
  encoder: EncoderNetwork
  decoder: tf.LayersModel
}

export interface StepInputs {
  clean: tf.Tensor2D // [n, pixels] in [0,1]: what the decoder should give
  input: tf.Tensor2D // [n, pixels]: what the encoder gets (corrupted, when denoising)
  noise: tf.Tensor2D // [n, latent], or [1, 1] where the objective uses none
  /** How far training is, 0 to 1. */
  progress: number
}

/** Means over the batch. `rateBits`: bits an image (0 where the objective has no rate). */
export interface Losses {
  loss: tf.Scalar
  mse: tf.Scalar
  rateBits: tf.Scalar
}

export interface Objective {
  name: ObjectiveName
  /** Trained beside the networks' weights. */
  variables: tf.Variable[]
  /** What `StepInputs.noise` holds: uniform in [-0.5, 0.5), or standard normal. */
  noise: 'none' | 'uniform' | 'normal'
  losses(inputs: StepInputs): Losses
  /** The same without noise, as the codec will do it, for validation. */
  validationLosses(clean: tf.Tensor2D, input: tf.Tensor2D): Losses
}

export function encode(networks: Networks, x: tf.Tensor2D): tf.Tensor2D {
  return applyNetwork(networks.encoder.model, x, true)
}

export function decode(networks: Networks, y: tf.Tensor2D): tf.Tensor2D {
  return applyNetwork(networks.decoder, y, false)
}

export function meanSquaredError(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.mean(tf.square(tf.sub(a, b))) as tf.Scalar
}

/** The plain autoencoder: mean squared error. Denoising differs only in what the encoder gets. */
export function autoencoderObjective(networks: Networks, name: 'ae' | 'denoising'): Objective {
  const losses = (clean: tf.Tensor2D, input: tf.Tensor2D): Losses => {
    const mse = meanSquaredError(decode(networks, encode(networks, input)), clean)
    return { loss: mse, mse, rateBits: tf.scalar(0) }
  }
  return {
    name,
    variables: [],
    noise: 'none',
    losses: ({ clean, input }) => losses(clean, input),
    validationLosses: losses,
  }
}
