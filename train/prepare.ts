import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { buildDecoder, buildEncoder, defaultWidths, type NetworkSpec } from '../shared/networks.ts'
import { toUnit } from './batches.ts'
import type { ImageSet } from './data/images.ts'
import { autoencoderObjective, encode, type Networks, type Objective } from './objective.ts'
import { principalComponents, startAtPrincipalComponents } from './pca.ts'
import type { RunSettings } from './presets.ts'
import { rateDistortionObjective } from './rate-distortion.ts'
import { vaeObjective } from './vae.ts'

/** The networks that the settings ask for, at their start. `sample` (null when resuming) is what PCA is made from. */
export function prepareNetworks(settings: RunSettings, shape: ImageShape, sample: ImageSet | null): Networks {
  const spec: Omit<NetworkSpec, 'family' | 'widths'> = {
    shape,
    latent: settings.latent,
    linearPath: settings.linearPath,
    latentActivation: settings.latentActivation,
    outputActivation: settings.linearPath ? 'linear' : 'sigmoid',
    seed: settings.seed,
  }
  const widths = (own: number[] | null, family: NetworkSpec['family']) => own ?? defaultWidths[family]
  const { encoder: encoderFamily, decoder: decoderFamily } = settings
  const encoder = buildEncoder({
    ...spec,
    family: encoderFamily,
    widths: widths(settings.encoderWidths, encoderFamily),
  })
  const decoder = buildDecoder({
    ...spec,
    family: decoderFamily,
    widths: widths(settings.decoderWidths, decoderFamily),
  })
  if (settings.linearPath && sample)
    startAtPrincipalComponents(
      encoder,
      decoder,
      principalComponents(forComponents(sample), settings.latent, settings.seed),
    )
  return { encoder, decoder }
}

/** 20,000 images fix the components as well as all do, in a third of the time. */
function forComponents({ shape, count, samples }: ImageSet): ImageSet {
  const some = Math.min(count, 20_000)
  return { shape, count: some, samples: samples.subarray(0, some * sampleCount(shape)) }
}

export function prepareObjective(
  settings: RunSettings,
  networks: Networks,
  shape: ImageShape,
  sample: ImageSet,
): Objective {
  const pixels = sampleCount(shape)
  switch (settings.objective) {
    case 'vae':
      return vaeObjective(networks, pixels, settings.latent, settings.seed)
    case 'rate-distortion':
      return rateDistortionObjective(networks, pixels, latentSpread(networks, sample), settings)
    default:
      return autoencoderObjective(networks, settings.objective)
  }
}

/** The standard deviation of each latent dimension over some images. */
function latentSpread(networks: Networks, { samples, count, shape }: ImageSet): number[] {
  const n = Math.min(count, 2000)
  return tf.tidy(() => {
    const x = tf.tensor2d(toUnit(samples.subarray(0, n * sampleCount(shape))), [n, sampleCount(shape)])
    const { variance } = tf.moments(encode(networks, x), 0)
    return Array.from(tf.sqrt(variance).dataSync())
  })
}
