/**
 * The best preview within a number of bytes. For each of a few rate levels the weight of distortion is searched that
 * fills the bytes, and the picture that looks nearest wins. Coarser levels are tried too, as long as finer ones do not
 * reach the image (reach.ts).
 */
import { UnreachableRateError } from '../../codec/errors.ts'
import type { Candidate as Coded, RateTrials as Trials } from '../../codec/quantize/rate-search.ts'
import { squaredDistance, toWeightedOklab } from './distance.ts'

/** log2 of the weights between which levels are tried; the coarsest go lower, in case nothing else fits. */
const LOWEST_LOG2 = -2.5
const HIGHEST_LOG2 = 3
const LOWEST_LOG2_OF_COARSEST = -12
const COARSEST_LEVELS = 2
const TRIED_LEVELS = 3
const BISECTIONS = 5
/** What comes before the latent's symbols takes about this much. */
const HEAD_BYTES = 2.4
/** log2 of the weights to try, relative to the estimate. */
const AROUND_LOG2 = [-0.15, 0.05, 0.25]

/** What a trial gives: a code, and the samples that it decodes to. */
interface Candidate extends Coded {
  samples: Uint8Array
}

export function previewWithin<T extends Candidate>(
  trials: Trials<T>,
  image: Uint8Array,
  maxBytes: number,
): T {
  const original = toWeightedOklab(image)
  let best: T | undefined
  let least = Number.POSITIVE_INFINITY
  const keep = (codes: T[]) => {
    for (const each of codes) {
      if (each.code.length > maxBytes) continue
      const distance = squaredDistance(original, toWeightedOklab(each.samples))
      if (distance >= least) continue
      least = distance
      best = each
    }
  }
  const finest = finestLevel(trials, maxBytes)
  const goesOn = (level: number) => level > finest - TRIED_LEVELS || !best || trials.isBeyondReach(level + 1)
  for (let level = finest; level >= 0 && goesOn(level); level--) {
    const around = fillingWeight(trials, level, lowestAt(level), maxBytes)
    keep(trials.compressAt(AROUND_LOG2.map((by) => ({ level, distortionWeight: 2 ** (around + by) }))))
  }
  if (!best) keep(trials.compressAt([{ level: 0, distortionWeight: 0 }]))
  if (best) return best
  const [smallest] = trials.compressAt([{ level: 0, distortionWeight: 0 }])
  throw new UnreachableRateError(
    `no rate level gets this image into ${maxBytes} bytes; the smallest takes ${smallest!.code.length}`,
    { smallestBytes: smallest!.code.length },
  )
}

const lowestAt = (level: number) => (level < COARSEST_LEVELS ? LOWEST_LOG2_OF_COARSEST : LOWEST_LOG2)

/** The finest level of which a code fits at the lowest weight: finer levels take more bytes. */
function finestLevel(trials: Trials<Candidate>, maxBytes: number): number {
  let [fits, exceeds] = [0, trials.levels]
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1
    if (estimate(trials, middle, lowestAt(middle)) <= maxBytes) fits = middle
    else exceeds = middle
  }
  return fits
}

const estimate = (trials: Trials<Candidate>, level: number, log2Weight: number): number =>
  trials.leastBytes({ level, distortionWeight: 2 ** log2Weight }) + HEAD_BYTES

/** log2 of the largest weight whose estimated bytes fit. */
function fillingWeight(trials: Trials<Candidate>, level: number, lowest: number, maxBytes: number): number {
  if (estimate(trials, level, HIGHEST_LOG2) <= maxBytes) return HIGHEST_LOG2
  let [fits, exceeds] = [lowest, HIGHEST_LOG2]
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (fits + exceeds) / 2
    if (estimate(trials, level, middle) <= maxBytes) fits = middle
    else exceeds = middle
  }
  return fits
}
