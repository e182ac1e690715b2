/** The rate level for an image whose code must not be longer, or whose reconstruction not worse, than was asked. */
import type { Compressed } from './codec.ts'
import { UnreachableRateError } from './errors.ts'

export interface RateBounds {
  /** The code must not be longer, everything included: the finest level that fits is taken. */
  maxBytes?: number
  /** The reconstruction must be at least as good: the coarsest level that is gets taken. */
  targetPsnrDb?: number
}

/** One image at a model's levels, the coarsest first. */
export interface RateTrials {
  levels: number
  /** The decoder runs once for all of the levels asked for. */
  compressAt(levels: number[]): Compressed[]
  /** No code of the image at this level is shorter. Cheap: nothing is decoded. */
  leastBytes(level: number): number
}

/** The finest level within maxBytes, or the smallest code that reaches targetPsnrDb; where both are asked, both hold. */
export function compressWithin(trials: RateTrials, { maxBytes, targetPsnrDb }: RateBounds): Compressed {
  return targetPsnrDb === undefined
    ? compressToFit(trials, maxBytes!)
    : compressToReach(trials, targetPsnrDb, maxBytes)
}

function compressToReach(
  { levels, compressAt }: RateTrials,
  targetPsnrDb: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Compressed {
  const all = compressAt(Array.from({ length: levels }, (_, level) => level))
  const good = all.filter((each) => each.psnrDb >= targetPsnrDb)
  if (good.length === 0) {
    const highestPsnrDb = Math.max(...all.map((each) => each.psnrDb))
    throw new UnreachableRateError(
      `no rate level reaches ${targetPsnrDb} dB for this image; the best has ${highestPsnrDb.toFixed(2)} dB`,
      { highestPsnrDb },
    )
  }
  const smallest = good.reduce((best, each) => (each.code.length < best.code.length ? each : best))
  if (smallest.code.length > maxBytes)
    throw new UnreachableRateError(
      `${targetPsnrDb} dB take ${smallest.code.length} bytes for this image, more than ${maxBytes}`,
      { smallestBytes: smallest.code.length },
    )
  return smallest
}

function compressToFit({ levels, compressAt, leastBytes }: RateTrials, maxBytes: number): Compressed {
  let smallestBytes = Number.POSITIVE_INFINITY
  for (let level = levels - 1; level >= 0; level--) {
    if (level > 0 && leastBytes(level) > maxBytes) continue
    const compressed = compressAt([level])[0]!
    if (compressed.code.length <= maxBytes) return compressed
    smallestBytes = Math.min(smallestBytes, compressed.code.length)
  }
  throw new UnreachableRateError(
    `no rate level gets this image into ${maxBytes} bytes; the smallest takes ${smallestBytes}`,
    { smallestBytes },
  )
}
