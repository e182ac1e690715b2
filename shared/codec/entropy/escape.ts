/** How symbols outside their table are coded. */
import { CodecError } from '../errors.ts'
import type { RangeDecoder, RangeEncoder } from './range-coder.ts'

const MAX_ESCAPE_BITS = 20

/** A side bit, then the magnitude as an Exp-Golomb code: its length in unary, its bits below the leading one. */
export function packEscape(coder: RangeEncoder, below: boolean, magnitude: number): void {
  const bits = 31 - Math.clz32(magnitude)
  if (bits >= MAX_ESCAPE_BITS)
    throw new RangeError(`symbols lie within ${2 ** MAX_ESCAPE_BITS} of their table`)
  coder.encodeBits(below ? 1 : 0, 1)
  for (let i = 0; i < bits; i++) coder.encodeBits(1, 1)
  coder.encodeBits(0, 1)
  coder.encodeBits(magnitude, bits)
}

export function unpackEscape(coder: RangeDecoder): { below: boolean; magnitude: number } {
  const below = coder.decodeBits(1) === 1
  let bits = 0
  while (coder.decodeBits(1))
    if (++bits >= MAX_ESCAPE_BITS) throw new CodecError('the payload holds a symbol out of every range')
  return { below, magnitude: (1 << bits) | coder.decodeBits(bits) }
}
