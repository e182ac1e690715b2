import * as tf from '@tensorflow/tfjs'
import { decode, encode, type Networks } from '../networks/networks.ts'
import { meanSquaredError, type ObjectiveBase, type ValidationLosses } from './losses.ts'

export interface AutoencoderObjective extends ObjectiveBase {
  name: 'ae' | 'denoising'
}

/** The plain autoencoder: mean squared error. Denoising differs only in what the encoder gets. */
export function autoencoderObjective(
  networks: Networks,
  name: AutoencoderObjective['name'],
): AutoencoderObjective {
  const validationLosses: ValidationLosses = (clean, input) => {
    const mse = meanSquaredError(decode(networks, encode(networks, input)), clean)
    return { loss: mse, mse, rateBits: tf.scalar(0) }
  }
  return {
    name,
    variables: [],
    noise: 'none',
    losses: ({ clean, input }) => validationLosses(clean, input),
    validationLosses,
  }
}
