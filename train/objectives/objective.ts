import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import { toUnit } from '../batches.ts'
import type { ImageSet } from '../data/images.ts'
import { encode, type Networks } from '../networks/networks.ts'
import type { ObjectiveSettings } from '../settings.ts'
import { type AutoencoderObjective, autoencoderObjective } from './autoencoder.ts'
import { type RateDistortionObjective, rateDistortionObjective } from './rate-distortion.ts'
import { type VaeObjective, vaeObjective } from './vae.ts'

/** What training minimizes. A union discriminated by `name`. */
export type Objective = AutoencoderObjective | VaeObjective | RateDistortionObjective

/** `sample`: training images that show the range of the latents at the start. */
export async function createObjective(
  settings: ObjectiveSettings,
  networks: Networks,
  sample: ImageSet,
  seed: number,
  trainedSteps?: (lambdas: number[]) => number[][],
): Promise<Objective> {
  const pixels = sampleCount(sample.shape)
  switch (settings.name) {
    case 'vae':
      return vaeObjective(networks, pixels, seed)
    case 'rate-distortion':
      return rateDistortionObjective(
        networks,
        pixels,
        await latentSpread(networks, sample),
        settings,
        trainedSteps?.(settings.lambdas),
      )
    default:
      return autoencoderObjective(networks, settings.name)
  }
}

/** On the device at once. */
const mostSamples = 2 ** 23

/** The standard deviation of each latent dimension over some images. */
async function latentSpread(networks: Networks, { samples, count, shape }: ImageSet): Promise<number[]> {
  const n = Math.min(count, 2000, Math.max(2, Math.floor(mostSamples / sampleCount(shape))))
  const spread = tf.tidy(() => {
    const x = tf.tensor2d(toUnit(samples.subarray(0, n * sampleCount(shape))), [n, sampleCount(shape)])
    const { variance } = tf.moments(encode(networks, x), 0)
    return tf.sqrt(variance)
  })
  return Array.from(await readAndDispose(spread))
}
