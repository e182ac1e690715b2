/** Fits one level to the training images and measures it on the validation images, through the codec itself. */
import { compressBatch } from '../../shared/codec/codec.ts'
import { EntropyModel } from '../../shared/codec/entropy/entropy-model.ts'
import type { Model } from '../../shared/codec/model.ts'
import { psnrDb } from '../../shared/images/metrics.ts'
import { type ImageShape, type ModelFiles, sampleCount } from '../../shared/manifest.ts'
import type { Effort } from './effort.ts'
import { fitLevel, type LevelFit } from './fit-level.ts'
import { type LevelPlan, round } from './rate-levels.ts'

interface ExportImages {
  shape: ImageShape
  /** 8-bit samples [n, h, w, c], and the training images' latents [n, latent]. */
  training: Uint8Array
  validation: Uint8Array
  latents: Float32Array
}

const BATCH_IMAGES = 256
const BATCH_SAMPLES = 2 ** 22
/** Each component needs enough images to be fitted to. */
const IMAGES_PER_COMPONENT = 250

export function* batchesOf(samples: Uint8Array, shape: ImageShape): Generator<Uint8Array[]> {
  const size = sampleCount(shape)
  const images = Math.max(1, Math.min(BATCH_IMAGES, Math.floor(BATCH_SAMPLES / size)))
  for (let at = 0; at < samples.length; at += images * size)
    yield splitImages(samples.subarray(at, at + images * size), size)
}

const splitImages = (samples: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: samples.length / size }, (_, i) => samples.subarray(i * size, (i + 1) * size))

type FitPlan = (plan: LevelPlan, components: number) => LevelFit

export function levelFitter(model: Model, images: ExportImages, effort: Effort): FitPlan {
  const training = splitImages(images.training, sampleCount(images.shape))
  const most = Math.max(1, Math.floor(training.length / IMAGES_PER_COMPONENT))
  return (plan, components) => {
    const fitted = fitLevel(model, plan, images.latents, training, Math.min(components, most), effort)
    return { ...fitted, level: { ...fitted.level, ...measure(model, fitted, images) } }
  }
}

function measure(model: Model, { level, tables }: LevelFit, { validation, shape }: ExportImages) {
  const manifest = { ...model.manifest, levels: [level], defaultLevel: 0 }
  const atLevel = { ...model, manifest, entropyModel: new EntropyModel([tables], manifest.latent) }
  const costs: number[] = []
  let bytes = 0
  let error = 0
  for (const batch of batchesOf(validation, shape))
    for (const compressed of compressBatch(atLevel, batch)) {
      bytes += compressed.bytes.total
      error += compressed.mse
      costs.push(compressed.costBits)
    }
  costs.sort((a, b) => a - b)
  return {
    meanBytes: round(bytes / costs.length),
    psnrDb: round(psnrDb(error / costs.length)),
    costLimitBits: round(costs[Math.round(0.99 * (costs.length - 1))]),
  }
}

export interface LevelWork {
  files: ModelFiles
  images: ExportImages
  effort: Effort
}

export interface LevelTask {
  plan: LevelPlan
  components: number
}
