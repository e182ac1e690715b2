import type { RunSettings } from '../settings.ts'

/** Why training ended: after the last epoch, because the validation loss no longer improved, or on request. */
export type Ending = 'complete' | 'no better' | 'interrupted'

/** record.json: what a run was, and its results. Part of the public interface. */
export interface TrainingRecord {
  backend: string
  seed: number
  epochs: number
  data: string // 'mnist', 'cifar10', or a folder's name
  seconds: number
  parameters: number
  /** measured: held-out images that the manifest's levels were measured on. */
  images: { training: number; validation: number; measured: number }
  /** Of the networks as trained; for the exported codec see the manifest's levels. */
  validation: { mse: number; psnrDb: number }
  /** The objective's loss, without noise and augmentation, on held-out and on as many training images. */
  validationLoss: number
  trainingLoss: number
  /** For the objective 'rate-distortion': the trained levels, coarsest first, under the learned prior. */
  rateLevels?: TrainedLevel[]
  ending: Ending
  command: string
  settings: RunSettings
}

export interface TrainedLevel {
  lambda: number
  idealBytes: number // payload
  psnrDb: number
}
