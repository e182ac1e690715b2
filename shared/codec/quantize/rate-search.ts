/** Finds the rate level for an image with a bound: on the length of its code, or on the quality of its reconstruction. */
import { UnreachableRateError } from '../errors.ts'

export interface RateBounds {
  /** The code has at most this many bytes, everything included. The best reconstruction that fits is chosen. */
  maxBytes?: number
  /** The reconstruction is at least this good. The smallest such code is chosen. */
  targetPsnrDb?: number
}

/** A way to code an image: at a rate level, with `distortionWeight` times the level's own weight of distortion. */
export interface Trial {
  level: number
  distortionWeight: number
}

/** What a trial returns, as far as the search looks at it. */
export interface Candidate {
  code: Uint8Array
  level: number
  mse: number
  psnrDb: number
}

/** One image at each of a model's levels, the coarsest first. */
export interface RateTrials<Compressed extends Candidate> {
  levels: number
  /** The decoder runs once for all of the trials. */
  compressAt(trials: Trial[]): Compressed[]
  /** [latent] */
  symbolsOf(trial: Trial): Int32Array
  /** A lower bound on the length of the trial's code. Cheap: nothing is decoded. */
  leastBytes(trial: Trial): number
  /** No component of the level reaches as far as the image's latent; a coarser level's might (reach.ts). */
  isBeyondReach(level: number): boolean
}

/**
 * A level whose code is a byte or two too long often fits at a lower weight, and is then better than the next coarser
 * level: by 0.03 dB on photographs in 24 bytes.
 */
const LOWER_WEIGHTS = [0.25, 0.5]
const WEIGHTS = [...LOWER_WEIGHTS, 1]

/**
 * How many levels are tried that fit at their own weight, as the finest of them is not always the best. With one, a
 * quarter of the MNIST digits lost up to 1.1 dB; with three, one in a hundred.
 */
const FITTING_LEVELS = 3

/** The best code within maxBytes, or the smallest that reaches targetPsnrDb; if both are asked for, both hold. */
export function compressWithin<Compressed extends Candidate>(
  trials: RateTrials<Compressed>,
  { maxBytes, targetPsnrDb }: RateBounds,
): Compressed {
  return targetPsnrDb === undefined
    ? compressToFit(trials, maxBytes!)
    : compressToReach(trials, targetPsnrDb, maxBytes)
}

/** If the finest level misses a quality by more than this, no other has it, unless the image is beyond its reach. */
const MOST_MISSED_DB = 2

function compressToReach<Compressed extends Candidate>(
  { levels, compressAt, isBeyondReach }: RateTrials<Compressed>,
  targetPsnrDb: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Compressed {
  const finest = compressAt([{ level: levels - 1, distortionWeight: 1 }])
  if (finest[0].psnrDb < targetPsnrDb - MOST_MISSED_DB && !isBeyondReach(levels - 1))
    throw unreachable(targetPsnrDb, finest)
  const others = Array.from({ length: levels - 1 }, (_, level) => ({ level, distortionWeight: 1 }))
  const all = [...compressAt(others), ...finest]
  const atOwnWeight = smallestOf(all, targetPsnrDb)
  if (!atOwnWeight) throw unreachable(targetPsnrDb, all)
  const finer = [0, 1, 2].map((by) => atOwnWeight.level + by).filter((level) => level < levels)
  const lighter = finer.flatMap((level) =>
    LOWER_WEIGHTS.map((distortionWeight) => ({ level, distortionWeight })),
  )
  const smallest = smallestOf([atOwnWeight, ...compressAt(lighter)], targetPsnrDb)!
  if (smallest.code.length > maxBytes)
    throw new UnreachableRateError(
      `${targetPsnrDb} dB take ${smallest.code.length} bytes for this image, more than ${maxBytes}`,
      { smallestBytes: smallest.code.length },
    )
  return smallest
}

function unreachable(targetPsnrDb: number, all: Candidate[]): UnreachableRateError {
  const highestPsnrDb = Math.max(...all.map((each) => each.psnrDb))
  const best = `the best has ${highestPsnrDb.toFixed(2)} dB`
  return new UnreachableRateError(`no rate level reaches ${targetPsnrDb} dB for this image; ${best}`, {
    highestPsnrDb,
  })
}

function smallestOf<Compressed extends Candidate>(
  all: Compressed[],
  targetPsnrDb: number,
): Compressed | undefined {
  const good = all.filter((each) => each.psnrDb >= targetPsnrDb)
  return good.toSorted((a, b) => a.code.length - b.code.length || a.mse - b.mse)[0]
}

function compressToFit<Compressed extends Candidate>(
  trials: RateTrials<Compressed>,
  maxBytes: number,
): Compressed {
  const fitting: Compressed[] = []
  let fittingLevels = 0
  for (let level = trials.levels - 1; level >= 0; level--) {
    const codes = codesAt(trials, level, maxBytes)
    fitting.push(...codes.filter(({ code }) => code.length <= maxBytes))
    const fitsAtOwnWeight = codes.length === WEIGHTS.length && codes.at(-1)!.code.length <= maxBytes
    if (fitsAtOwnWeight && ++fittingLevels === FITTING_LEVELS) break // coarser ones are worse
  }
  if (fitting.length > 0) return fitting.reduce((best, each) => (each.mse < best.mse ? each : best))
  const smallestBytes = smallestOfAll(trials)
  throw new UnreachableRateError(
    `no rate level gets this image into ${maxBytes} bytes; the smallest takes ${smallestBytes}`,
    { smallestBytes },
  )
}

/** Usually the coarsest level's, but a finer one at a lower weight may be smaller still. */
function smallestOfAll<Compressed extends Candidate>(trials: RateTrials<Compressed>): number {
  let smallestBytes = Number.POSITIVE_INFINITY
  for (let level = 0; level < trials.levels; level++)
    for (const { code } of codesAt(trials, level, smallestBytes - 1))
      smallestBytes = Math.min(smallestBytes, code.length)
  return smallestBytes
}

/** The level's codes from the lowest weight up, as long as they may be within maxBytes. */
function codesAt<Compressed extends Candidate>(
  { compressAt, leastBytes }: RateTrials<Compressed>,
  level: number,
  maxBytes: number,
): Compressed[] {
  const tooLarge = WEIGHTS.findIndex((distortionWeight) => leastBytes({ level, distortionWeight }) > maxBytes)
  const weights = tooLarge < 0 ? WEIGHTS : WEIGHTS.slice(0, tooLarge)
  return weights.length === 0
    ? []
    : compressAt(weights.map((distortionWeight) => ({ level, distortionWeight })))
}
