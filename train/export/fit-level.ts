/** Fits one rate level of a model: how its latents are quantized, and the tables for the resulting symbols. */

import { LevelTables } from '../../shared/codec/entropy/level-tables.ts'
import { COST_UNITS_PER_BIT } from '../../shared/codec/entropy/symbols.ts'
import type { Model } from '../../shared/codec/model.ts'
import { dequantize, nearestSymbols, quantize } from '../../shared/codec/quantize/quantizer.ts'
import { decode } from '../../shared/codec/transform.ts'
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import type { Level } from '../../shared/manifest.ts'
import type { Effort } from './effort.ts'
import { fitTables } from './entropy-fit.ts'
import { distortionOfSteps, type LevelPlan, round } from './rate-levels.ts'

export interface LevelFit {
  level: Level
  tables: Uint8Array
}

/** Rounds of quantizing by the tables' costs, then fitting the tables to the result. */
const FIT_ROUNDS = 2
/**
 * Factors to try on the measured distortion of moving a latent; infinity takes the nearest symbol, whatever its rate. A
 * network trained with noise suits plain rounding at high rates, and gains some percent from cheaper symbols at low
 * rates.
 */
const CAUTIONS = [1, 2, 4, Number.POSITIVE_INFINITY]
const CAUTION_COMPONENTS = 4
const IMAGES_PER_BATCH = 256
const SAMPLES_PER_BATCH = 2 ** 22
/** A typical image's PSNR, in half decibels; only the error's own table depends on it. */
const ANY_ERROR = new Int32Array([40])

/** latents: [n, latent] of the training images, whose 8-bit samples `images` are. */
export function fitLevel(
  model: Model,
  plan: LevelPlan,
  latents: Float32Array,
  images: Uint8Array[],
  components: number,
  effort: Effort,
): LevelFit {
  const dimensions = model.manifest.latent
  const some = latents.subarray(0, effort.cautionImages * dimensions)
  const distortionBits = stepDistortions(model, plan, some, effort.sensitivityLatents)
  const costs = CAUTIONS.map((caution) => {
    const level = levelOf(plan, distortionBits, caution)
    const fitted = fitQuantized(some, level, CAUTION_COMPONENTS)
    return rateDistortionCost(model, level, fitted, some, images.slice(0, effort.errorImages))
  })
  const level = levelOf(plan, distortionBits, CAUTIONS[costs.indexOf(Math.min(...costs))])
  const { symbols, assignment } = fitQuantized(latents, level, components)
  const errors = errorsOf(model, symbols, level, images.slice(0, effort.errorImages))
  const half = errors.map((error) => Math.round(2 * psnrDb(error)))
  return {
    level,
    tables: fitTables(symbols, dimensions, Int32Array.from(half), components, assignment).bytes,
  }
}

/** What moving each dimension by one quantization step costs, in bits. */
function stepDistortions(
  model: Model,
  { steps, lambdaBits }: LevelPlan,
  latents: Float32Array,
  probes: number,
): number[] {
  const reconstructed = latents.map((value, i) => {
    const step = steps[i % steps.length]
    return Math.round(value / step) * step
  })
  const distortions = distortionOfSteps(model.decoder, reconstructed, steps, probes)
  return distortions.map((distortion) => distortion * lambdaBits)
}

/** JSON has no infinity; a million bits per step rounds just as strictly. */
const levelOf = ({ steps, lambdaBits }: LevelPlan, distortionBits: number[], caution: number): Level => ({
  steps,
  distortionBits: distortionBits.map((bits) =>
    caution === Number.POSITIVE_INFINITY ? 1e6 : round(bits * caution),
  ),
  lambdaBits: round(lambdaBits),
  meanBytes: 0,
  psnrDb: 0,
  costLimitBits: 0,
})

interface Quantized {
  symbols: Int32Array
  assignment: Uint8Array
  bytes: Uint8Array
}

function fitQuantized(latents: Float32Array, level: Level, components: number): Quantized {
  const dimensions = level.steps.length
  const nearest = new Int32Array(latents.length)
  for (let at = 0; at < latents.length; at += dimensions)
    nearest.set(nearestSymbols(latents.subarray(at, at + dimensions), level), at)
  let fitted: Quantized = { symbols: nearest, ...fitTables(nearest, dimensions, ANY_ERROR, components) }
  for (let i = 0; i < FIT_ROUNDS; i++) {
    const { symbols, assignment } = quantizeAll(latents, level, new LevelTables(fitted.bytes, dimensions))
    fitted = { symbols, ...fitTables(symbols, dimensions, ANY_ERROR, components, assignment) }
  }
  return fitted
}

function quantizeAll(latents: Float32Array, level: Level, tables: LevelTables) {
  const dimensions = level.steps.length
  const symbols = new Int32Array(latents.length)
  const assignment = new Uint8Array(latents.length / dimensions)
  for (let image = 0; image < assignment.length; image++) {
    const quantized = quantize(latents.subarray(image * dimensions, (image + 1) * dimensions), level, tables)
    symbols.set(quantized.symbols, image * dimensions)
    assignment[image] = quantized.component
  }
  return { symbols, assignment }
}

/** Mean of rate + lambda * distortion, in bits. */
function rateDistortionCost(
  model: Model,
  level: Level,
  { symbols, assignment, bytes }: Quantized,
  latents: Float32Array,
  images: Uint8Array[],
): number {
  const dimensions = level.steps.length
  const count = latents.length / dimensions
  const tables = new LevelTables(bytes, dimensions)
  let rateBits = 0
  for (let i = 0; i < count; i++)
    rateBits +=
      tables.latentCost(assignment[i], symbols.subarray(i * dimensions, (i + 1) * dimensions)) /
      COST_UNITS_PER_BIT
  const errors = errorsOf(model, symbols, level, images)
  return rateBits / count + (level.lambdaBits * errors.reduce((sum, error) => sum + error, 0)) / errors.length
}

/** Mean squared errors of the given training images, which are the first of those with symbols. */
function errorsOf(model: Model, symbols: Int32Array, level: Level, images: Uint8Array[]): number[] {
  const dimensions = level.steps.length
  const errors: number[] = []
  const count = Math.min(images.length, symbols.length / dimensions)
  const most = Math.max(
    1,
    Math.min(IMAGES_PER_BATCH, Math.floor(SAMPLES_PER_BATCH / model.decoder.outputSize)),
  )
  for (let first = 0; first < count; first += most) {
    const batch = Math.min(most, count - first)
    const latents = Array.from({ length: batch }, (_, i) => {
      const latent = new Float32Array(dimensions)
      dequantize(symbols.subarray((first + i) * dimensions, (first + i + 1) * dimensions), level, latent)
      return latent
    })
    decode(model, latents).forEach((decoded, i) => {
      errors.push(mse(images[first + i], decoded))
    })
  }
  return errors
}
