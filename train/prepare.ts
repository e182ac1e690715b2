import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { readAndDispose } from './backends/read-tensor.ts'
import { toUnit } from './batches.ts'
import type { ImageSet, TrainingData } from './data/images.ts'
import { buildDecoder, buildEncoder, defaultWidths, type NetworkSpec } from './networks/families.ts'
import { principalComponents, startAtPrincipalComponents } from './networks/pca.ts'
import { autoencoderObjective, encode, type Networks, type Objective } from './objectives/objective.ts'
import { rateDistortionObjective } from './objectives/rate-distortion.ts'
import { vaeObjective } from './objectives/vae.ts'
import type { RunSettings } from './presets.ts'
import { autodiffTrainer, type Trainer } from './step.ts'

/** What the settings make of the data; fit() trains it. */
export interface Training {
  settings: RunSettings
  data: TrainingData
  networks: Networks
  objective: Objective
  trainer: Trainer
}

/** `resuming`: without the PCA start, which the checkpoint's weights replace anyway. */
export async function prepareTraining(
  settings: RunSettings,
  data: TrainingData,
  { resuming = false } = {},
): Promise<Training> {
  const { shape } = data.training
  const networks = await prepareNetworks(settings, shape, resuming ? null : data.sample)
  const objective = await prepareObjective(settings, networks, shape, data.sample)
  const trainer = await autodiffTrainer(networks, objective, settings.clipNorm)
  return { settings, data, networks, objective, trainer }
}

/** The networks that the settings ask for, at their start. `sample` (null when resuming) is what PCA is made from. */
export async function prepareNetworks(
  settings: RunSettings,
  shape: ImageShape,
  sample: ImageSet | null,
): Promise<Networks> {
  const spec: Omit<NetworkSpec, 'family' | 'widths'> = {
    shape,
    latent: settings.latent,
    linearPath: settings.linearPath,
    latentActivation: settings.latentActivation,
    // A vae's mean must reach beyond black: at 0 half of the likelihood is below, a bit for each black pixel.
    outputActivation: settings.linearPath || settings.objective === 'vae' ? 'linear' : 'sigmoid',
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
      await principalComponents(forComponents(sample), settings.latent, settings.seed),
    )
  return { encoder, decoder }
}

/** 20,000 images fix the components as well as all do, in a third of the time. */
function forComponents({ shape, count, samples }: ImageSet): ImageSet {
  const some = Math.min(count, 20_000)
  return { shape, count: some, samples: samples.subarray(0, some * sampleCount(shape)) }
}

export async function prepareObjective(
  settings: RunSettings,
  networks: Networks,
  shape: ImageShape,
  sample: ImageSet,
): Promise<Objective> {
  const pixels = sampleCount(shape)
  switch (settings.objective) {
    case 'vae':
      return vaeObjective(networks, pixels, settings.latent, settings.seed)
    case 'rate-distortion':
      return rateDistortionObjective(networks, pixels, await latentSpread(networks, sample), settings)
    default:
      return autoencoderObjective(networks, settings.objective)
  }
}

/** The standard deviation of each latent dimension over some images. */
async function latentSpread(networks: Networks, { samples, count, shape }: ImageSet): Promise<number[]> {
  const n = Math.min(count, 2000)
  const spread = tf.tidy(() => {
    const x = tf.tensor2d(toUnit(samples.subarray(0, n * sampleCount(shape))), [n, sampleCount(shape)])
    const { variance } = tf.moments(encode(networks, x), 0)
    return tf.sqrt(variance)
  })
  return Array.from(await readAndDispose(spread))
}
