/**
 * The best preview within a number of bytes. For each of a few rate levels the weight of distortion is searched that
 * fills the bytes. Of the symbols found the nearest that fit win (distance.ts), as expected by the curvature: drawing
 * them all would choose the same, in twice the time. Coarser levels are tried too, as long as finer ones do not reach
 * the image (reach.ts).
 */
import { UnreachableRateError } from '../../codec/errors.ts'
import type { Candidate, RateTrials, Trial } from '../../codec/quantize/rate-search.ts'
import type { PreviewQuantizer } from './quantizer.ts'

/** log2 of the lowest weight at which levels are tried. */
const LOWEST_LOG2 = -3.5
const TRIED_LEVELS = 3
/** A weight grows by these, as long as it fits, each half of the one before. */
const GROWTH_LOG2 = [2, 1, 0.5, 0.25]
/** log2 of the weights to try, relative to the one that fills the bytes by the estimate. */
const AROUND_LOG2 = [0, 0.12, 0.25, 0.4]
/** The same, absolute, in case nothing fits. */
const LOW_LOG2 = [-2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12]
/** What comes before the latent's symbols takes about this much. */
const HEAD_BYTES = 2.7
/** A code that is a byte too long needs symbols that are shorter at least by this. */
const LEAST_GAIN = 0.01

export function previewWithin<T extends Candidate>(
  trials: RateTrials<T>,
  quantizer: PreviewQuantizer,
  maxBytes: number,
): T {
  const finest = finestLevel(trials, maxBytes)
  const tried: Trial[] = []
  let weight = LOWEST_LOG2
  for (let level = finest; level >= 0 && goesOn(trials, level, finest); level--) {
    weight = fillingWeight(trials, level, weight, maxBytes)
    tried.push(...trialsAt(level, AROUND_LOG2, weight))
  }
  let best = nearestOf(trials, tried, quantizer, maxBytes)
  for (let level = finest; level >= 0 && !best; level--)
    best = nearestOf(trials, trialsAt(level, LOW_LOG2), quantizer, maxBytes)
  return best ?? smallest(trials, maxBytes)
}

const goesOn = (trials: RateTrials<Candidate>, level: number, finest: number) =>
  level > finest - TRIED_LEVELS || trials.isBeyondReach(level + 1)

const trialsAt = (level: number, log2Weights: number[], plus = 0): Trial[] =>
  log2Weights.map((log2) => ({ level, distortionWeight: 2 ** (log2 + plus) }))

/** The expected nearest whose code fits. */
function nearestOf<T extends Candidate>(
  trials: RateTrials<T>,
  tried: Trial[],
  quantizer: PreviewQuantizer,
  maxBytes: number,
): T | undefined {
  const byDistance = tried
    .map((trial) => ({ trial, distance: quantizer.expectedDistance(trials.symbolsOf(trial), trial.level) }))
    .sort((a, b) => a.distance - b.distance)
  let mostBytes = maxBytes
  for (const { trial } of byDistance) {
    const leastBytes = trials.leastBytes(trial)
    if (leastBytes > mostBytes) continue
    const [candidate] = trials.compressAt([trial])
    const exceeding = candidate.code.length - maxBytes
    if (exceeding <= 0) return candidate
    mostBytes = leastBytes - (exceeding - 1) - LEAST_GAIN // what precedes the symbols takes as much in all trials
  }
  return undefined
}

function smallest<T extends Candidate>(trials: RateTrials<T>, maxBytes: number): T {
  const [candidate] = trials.compressAt([{ level: 0, distortionWeight: 0 }])
  const smallestBytes = candidate.code.length
  if (smallestBytes <= maxBytes) return candidate
  throw new UnreachableRateError(
    `no rate level gets this image into ${maxBytes} bytes; the smallest takes ${smallestBytes}`,
    { smallestBytes },
  )
}

/** The finest level of which a code fits at the lowest weight: finer levels take more bytes. */
function finestLevel(trials: RateTrials<Candidate>, maxBytes: number): number {
  let [fits, exceeds] = [0, trials.levels]
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1
    if (estimate(trials, middle, LOWEST_LOG2) <= maxBytes) fits = middle
    else exceeds = middle
  }
  return fits
}

const estimate = (trials: RateTrials<Candidate>, level: number, log2Weight: number): number =>
  trials.leastBytes({ level, distortionWeight: 2 ** log2Weight }) + HEAD_BYTES

/** log2 of the largest weight whose estimated bytes fit. `from` is that of the next finer level, which takes more bytes. */
function fillingWeight(trials: RateTrials<Candidate>, level: number, from: number, maxBytes: number): number {
  let weight = from
  for (const by of GROWTH_LOG2) if (estimate(trials, level, weight + by) <= maxBytes) weight += by
  return weight
}
