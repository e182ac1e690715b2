/**
 * The rate level in a code: a zero bit for the model's default level, which most codes have. Otherwise a one and the
 * level, all equally likely: each has a share of floor(2^14 / levels).
 */

import { type RangeDecoder, type RangeEncoder, TABLE_TOTAL } from '../entropy/range-coder.ts'
import { CodecError } from '../errors.ts'

interface Levels {
  levels: readonly unknown[]
  defaultLevel: number
}

export function packLevel(coder: RangeEncoder, level: number, { levels, defaultLevel }: Levels): void {
  coder.encodeBits(level === defaultLevel ? 0 : 1, 1)
  if (level === defaultLevel) return
  const share = Math.floor(TABLE_TOTAL / levels.length)
  coder.encode(level * share, share)
}

export function unpackLevel(coder: RangeDecoder, { levels, defaultLevel }: Levels): number {
  if (coder.decodeBits(1) === 0) return defaultLevel
  const share = Math.floor(TABLE_TOTAL / levels.length)
  const level = Math.floor(coder.peek() / share)
  if (level >= levels.length) throw new CodecError('the code holds a rate level that its model does not have')
  coder.consume(level * share, share)
  return level
}
