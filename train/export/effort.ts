/** How much work export does to fit a model's tables and quantizer. */

import { availableParallelism } from 'node:os'
import { DERIVED_LEVELS } from './rate-levels.ts'

export interface Effort {
  /** Training images whose symbols the tables are fitted to. */
  tableImages: number
  /** How many of them the quantizer's caution is chosen on. */
  cautionImages: number
  /** How many of them are decoded to measure errors. */
  errorImages: number
  /** Held-out images on which the levels are measured. */
  validationImages: number
  /** Latents at which the decoder's sensitivity to each dimension is measured. */
  sensitivityLatents: number
}

/** Images that training saw, repeats counted, from which on it was no trial. */
const TRIAL_IMAGES = 2_000_000

/** What a shipped model gets. Networks not trained for rates gain nothing by more images. */
const thorough = (trainedForRates: boolean): Effort => ({
  tableImages: trainedForRates ? Number.POSITIVE_INFINITY : 20_000,
  cautionImages: 6000,
  errorImages: 4096,
  validationImages: Number.POSITIVE_INFINITY,
  sensitivityLatents: 192,
})

/** Multiplications of a level's decoding, at most: a second or two on one core. */
const QUICK_MACS = 2e9
const QUICK_VALIDATION_IMAGES = 1000
const QUICK_TABLE_IMAGES = 3000

interface ExportSize {
  images: number
  imagesSeen: number
  trainedLevels: number // 0: levels are derived
  tunesDefault: boolean
}

/** Fitting a level to an image, all of its rounds together; with more components, when the default is tuned, more. */
const SECONDS_PER_IMAGE = 0.3e-3
const SECONDS_PER_TUNED_IMAGE = 0.5e-3
const TUNING_ROUNDS = 6
const REPORT_SECONDS = 5

/** How long export and report will about take, for the ETA of training. */
export function expectedSeconds({ images, imagesSeen, trainedLevels, tunesDefault }: ExportSize): number {
  const isTrained = trainedLevels > 0
  const most = imagesSeen >= TRIAL_IMAGES ? thorough(isTrained).tableImages : QUICK_TABLE_IMAGES
  const fitted = Math.min(images, most)
  const levels = isTrained ? 2 * trainedLevels - 1 : DERIVED_LEVELS
  const rounds = Math.ceil(levels / Math.min(levels, availableParallelism()))
  const tuning = tunesDefault ? TUNING_ROUNDS : isTrained ? 1 : 0
  return fitted * (rounds * SECONDS_PER_IMAGE + tuning * SECONDS_PER_TUNED_IMAGE) + REPORT_SECONDS
}

/** After a short training export must not take longer than it: fewer images, so that its time is bounded. */
function quick(decoderMacs: number, latent: number): Effort {
  const within = (least: number, macs: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(QUICK_MACS / macs)))
  const images = within(32, 2 * decoderMacs, 400)
  return {
    tableImages: QUICK_TABLE_IMAGES,
    cautionImages: images,
    errorImages: images,
    validationImages: QUICK_VALIDATION_IMAGES,
    sensitivityLatents: within(3, (latent + 1) * decoderMacs, 64),
  }
}

/** How many held-out images the levels are measured on. */
export const measuredImages = (imagesSeen: number, heldOut: number) =>
  Math.min(heldOut, imagesSeen >= TRIAL_IMAGES ? Number.POSITIVE_INFINITY : QUICK_VALIDATION_IMAGES)

export function effortFor(
  imagesSeen: number,
  trainedForRates: boolean,
  decoder: { macs: number; inputSize: number },
): Effort {
  return imagesSeen >= TRIAL_IMAGES ? thorough(trainedForRates) : quick(decoder.macs, decoder.inputSize)
}
