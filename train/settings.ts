/** Everything that determines a run's outcome besides the images. Stored in checkpoints and records. */
import type { ImageShape } from '../shared/manifest.ts'
import type { Augmentation } from './data/augment.ts'
import type { NetworkSettings } from './networks/network-settings.ts'
import type { Corruption } from './objectives/corruption.ts'
import type { RateDistortionSettings } from './objectives/rate-distortion.ts'

export interface RunSettings {
  preset: string // 'none' without one
  seed: number
  from: string | null // the model whose weights training starts from
  data: DataSettings
  networks: NetworkSettings
  objective: ObjectiveSettings
  optimization: OptimizationSettings
}

export interface DataSettings {
  source: string // 'mnist', 'cifar10', a folder of images, or several of them joined by +
  size: ImageShape | null // a folder's images are brought to this; null: defaultSize
  crops: number // for joined sources: images per file of a folder, the whole one and random crops
  limit: number // training images to use; 0 for all
  validation: number // images held out of the training images
  augmentation: Augmentation
}

export const defaultSize: ImageShape = { height: 32, width: 32, channels: 3 }

export type ObjectiveSettings =
  | { name: 'ae' }
  | { name: 'denoising'; corruption: Corruption }
  | { name: 'vae' }
  | ({ name: 'rate-distortion' } & RateDistortionSettings)

export interface OptimizationSettings {
  epochs: number
  batch: number
  learningRate: number
  precision: 'float32' | 'bfloat16' // of matrix products, on the tensorflow backend on CPUs that have it
  schedule: 'constant' | 'cosine' // cosine: to zero at the last step, after warmupSteps
  warmupSteps: number
  clipNorm: number
  patience: number // epochs without a better validation loss before stopping; 0: never
}

export const corruptionOf = (objective: ObjectiveSettings): Corruption | null =>
  objective.name === 'denoising' ? objective.corruption : null

/** What a batch is cut into: a rate-distortion batch into as many equal parts as the levels have shares. */
export const partsOfBatch = (objective: ObjectiveSettings): number =>
  objective.name === 'rate-distortion' ? objective.levelShares.reduce((sum, share) => sum + share, 0) : 1
