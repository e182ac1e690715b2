/** A model's rate levels: their quantization steps, and what a bit is worth. */
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import type { Network } from '../../shared/network/network.ts'
import type { DistortionSettings } from '../objectives/distortion.ts'

export interface LevelPlan {
  steps: number[]
  /** Bits per unit of mean squared error. */
  lambdaBits: number
}

export interface TrainedRates extends DistortionSettings {
  /** Quantization steps [level][latent], coarsest level first. */
  steps: number[][]
  /** What each level was trained for: loss = bits / samples + lambda * MSE. */
  lambdas: number[]
  defaultLevel: number
  /**
   * The level nearest to this becomes the default, its steps scaled until codes take this on validation images; 0: no
   * target.
   */
  targetBytes: number
}

/**
 * Steps of dependent quantization relative to those of a uniform quantizer at the same lambda; each of its two
 * quantizers is then a fifth coarser than that. Rate + lambda * distortion is flat from 0.58 to 0.68, on digits and
 * photographs.
 */
export const DEPENDENT_STEP = 0.62
export const DERIVED_LEVELS = 12
/** The coarsest level's quantization error, as a share of all that the latents carry: little is left to send. */
const COARSEST_SHARE = 0.4
/** The finest level's quantization error, as a share of the network's own: finer steps would gain nothing. */
const FINEST_SHARE = 0.03

export function trainedLevels({ steps, lambdas }: TrainedRates, shape: ImageShape): LevelPlan[] {
  return steps.map((ofLevel, level) => ({
    steps: ofLevel.map((step) => round(step * DEPENDENT_STEP)),
    lambdaBits: lambdas[level] * sampleCount(shape),
  }))
}

/**
 * Levels for a network that was not trained for rates. At high rates an entropy-coded uniform quantizer is best if
 * every dimension adds the same distortion (reverse water-filling), so steps go with 1 / sqrt(sensitivity), and a unit
 * of MSE is worth 6 / ln 2 * samples / q^2 bits if q is the quantization step in the pixels' own scale. latents: [n,
 * latents]; networkMse: the network's own error, without quantization; probes: latents at which the sensitivity is
 * measured.
 */
export function deriveLevels(
  decoder: Network,
  latents: Float32Array,
  networkMse: number,
  probes: number,
): LevelPlan[] {
  const deviations = standardDeviations(latents, decoder.inputSize)
  const moves = deviations.map((deviation) => Math.max(deviation / 4, 1e-3))
  const sensitivities = distortionOfSteps(decoder, latents, moves, probes).map((d, i) => d / moves[i] ** 2)
  const carriedMse = sensitivities.reduce((sum, s, d) => sum + s * deviations[d] ** 2, 0)
  const coarsest = COARSEST_SHARE * carriedMse
  const finest = Math.min(FINEST_SHARE * networkMse, coarsest / 4)
  return Array.from({ length: DERIVED_LEVELS }, (_, level) => {
    const quantizationMse = coarsest * (finest / coarsest) ** (level / (DERIVED_LEVELS - 1))
    const q2 = (12 * quantizationMse) / decoder.inputSize // squared step of each dimension, in the pixels' scale
    // A unit that the network never uses gets a step that no image reaches, so its symbol is always the same.
    const steps = sensitivities.map((s, d) => (deviations[d] < 1e-6 ? 1 : Math.sqrt(q2 / Math.max(s, 1e-9))))
    return { steps: steps.map((step) => round(step * DEPENDENT_STEP)), lambdaBits: 6 / (Math.LN2 * q2) }
  })
}

/**
 * Puts a level between each two, with the geometric means of their steps and lambdas, so that bounds in bytes are met
 * more closely. The level at index i is then at index 2 i.
 */
export function withLevelsBetween(plans: LevelPlan[]): LevelPlan[] {
  return plans.flatMap((plan, i) => {
    const next = plans[i + 1]
    if (!next) return [plan]
    const steps = plan.steps.map((step, d) => round(Math.sqrt(step * next.steps[d])))
    return [plan, { steps, lambdaBits: Math.sqrt(plan.lambdaBits * next.lambdaBits) }]
  })
}

/** Mean squared error caused by one quantization step in each dimension, over `probes` of the latents. [latents] */
export function distortionOfSteps(
  decoder: Network,
  latents: Float32Array,
  steps: ArrayLike<number>,
  probes: number,
): number[] {
  const dimensions = decoder.inputSize
  const images = Math.min(probes, latents.length / dimensions)
  const stride = Math.floor(latents.length / dimensions / images)
  const sums = new Float64Array(dimensions)
  for (let image = 0; image < images; image++) {
    const latent = latents.subarray(image * stride * dimensions, (image * stride + 1) * dimensions)
    const input = decoder.input(dimensions + 1) // the latent itself, then moved by a step in each dimension
    for (let row = 0; row <= dimensions; row++) {
      input.set(latent, row * dimensions)
      if (row > 0) input[row * dimensions + row - 1] += steps[row - 1]
    }
    const output = decoder.run(dimensions + 1)
    for (let d = 0; d < dimensions; d++) sums[d] += rowDistance(output, d + 1, decoder.outputSize)
  }
  return Array.from(sums, (sum) => sum / images)
}

function rowDistance(rows: Float32Array, row: number, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += (rows[row * size + i] - rows[i]) ** 2
  return sum / size
}

function standardDeviations(latents: Float32Array, dimensions: number): number[] {
  const count = latents.length / dimensions
  return Array.from({ length: dimensions }, (_, d) => {
    let sum = 0
    let squares = 0
    for (let i = d; i < latents.length; i += dimensions) {
      sum += latents[i]
      squares += latents[i] ** 2
    }
    return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
  })
}

/** Rounds to six significant digits: enough for a step, and short in the manifest. */
export const round = (value: number) => Number(value.toPrecision(6))
