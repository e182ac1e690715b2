/** How much work export does to fit a model's tables and quantizer. */

export interface Effort {
  /** Training images whose symbols the tables are fitted to. */
  tableImages: number
  /** Of those, how many the quantizer's caution is chosen on. */
  cautionImages: number
  /** Of those, how many are decoded to measure errors. */
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

/** After a short training export must not take longer than it: fewer images, so that its time is bounded. */
function quick(decoderMacs: number, latent: number): Effort {
  const within = (least: number, macs: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(QUICK_MACS / macs)))
  const images = within(32, 2 * decoderMacs, 2000)
  return {
    tableImages: 4000,
    cautionImages: images,
    errorImages: images,
    validationImages: QUICK_VALIDATION_IMAGES,
    sensitivityLatents: within(3, (latent + 1) * decoderMacs, 64),
  }
}

/** Of so many held-out images. */
export const measuredImages = (imagesSeen: number, heldOut: number) =>
  Math.min(heldOut, imagesSeen >= TRIAL_IMAGES ? Number.POSITIVE_INFINITY : QUICK_VALIDATION_IMAGES)

export function effortFor(
  imagesSeen: number,
  trainedForRates: boolean,
  decoder: { macs: number; inputSize: number },
): Effort {
  return imagesSeen >= TRIAL_IMAGES ? thorough(trainedForRates) : quick(decoder.macs, decoder.inputSize)
}
