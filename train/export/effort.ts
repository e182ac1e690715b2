/** How much work export does to fit a model's tables and quantizer. */

import { availableParallelism } from 'node:os'
import { DERIVED_LEVELS } from './rate-levels.ts'

export interface Effort {
  /** Training images whose symbols the tables are fitted to. */
  tableImages: number
  /** On how many of them the quantizer's caution is chosen. */
  cautionImages: number
  /** How many of them are decoded to measure errors. */
  errorImages: number
  /** Held-out images on which the levels are measured. */
  validationImages: number
  /** Latents at which the decoder's sensitivity to each dimension is measured. */
  sensitivityLatents: number
}

/** A training that saw at least this many images, counting repeats, was no trial run. */
const TRIAL_IMAGES = 2_000_000

/** For shipped models. Networks not trained for rates gain nothing from more images. */
const thorough = (trainedForRates: boolean): Effort => ({
  tableImages: trainedForRates ? Number.POSITIVE_INFINITY : 20_000,
  cautionImages: 6000,
  errorImages: 4096,
  validationImages: Number.POSITIVE_INFINITY,
  sensitivityLatents: 192,
})

/** The most multiplications that decoding for one level may take: a second or two on one core. */
const QUICK_MACS = 2e9
const QUICK_VALIDATION_IMAGES = 1000
const QUICK_TABLE_IMAGES = 3000

interface ExportSize {
  images: number
  imagesSeen: number
  trainedLevels: number // 0: levels are derived
  tunesDefault: boolean
}

/** Per image of one level, for all rounds of fitting; tuning the default level, with more components, takes more. */
const SECONDS_PER_IMAGE = 0.3e-3
const SECONDS_PER_TUNED_IMAGE = 0.5e-3
const TUNING_ROUNDS = 6
const REPORT_SECONDS = 5

/** About how long export and report will take, for training's ETA. */
export function expectedSeconds({ images, imagesSeen, trainedLevels, tunesDefault }: ExportSize): number {
  const isTrained = trainedLevels > 0
  const most = imagesSeen >= TRIAL_IMAGES ? thorough(isTrained).tableImages : QUICK_TABLE_IMAGES
  const fitted = Math.min(images, most)
  const levels = isTrained ? 2 * trainedLevels - 1 : DERIVED_LEVELS
  const rounds = Math.ceil(levels / Math.min(levels, availableParallelism()))
  const tuning = tunesDefault ? TUNING_ROUNDS : isTrained ? 1 : 0
  return fitted * (rounds * SECONDS_PER_IMAGE + tuning * SECONDS_PER_TUNED_IMAGE) + REPORT_SECONDS
}

/** Export must not take longer than a short training, so it then uses fewer images. */
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
