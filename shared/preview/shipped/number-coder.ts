/**
 * Small integers through the range coder, in bits whose shares follow what came before in the same context. Of a table of
 * weights this leaves three quarters of what gzip does.
 *
 * A number is a bit that says whether it is 0, one for its sign, and its magnitude: up to 3 in unary, beyond that by a
 * code of Elias: the length of what is left, in unary, and its bits.
 */
import { type RangeDecoder, type RangeEncoder, TABLE_TOTAL } from '../../codec/entropy/range-coder.ts'

/** Codes a number and returns it. A decoder's takes no notice of `value`. */
export type NumberCoder = (context: number, value: number) => number
/** The same for a bit. */
type BitCoder = (context: number, bit: number) => number

const UNARY = 3
/** Contexts of bits for each of numbers: whether it is 0, the steps of its magnitude, those of the length of what is left. */
const CONTEXTS = 32
const MOST_CONTEXTS = 64
/** Of bits that are 0 as often as 1. */
const EVEN = 0
/** Counts are halved beyond it: what came long ago matters less. */
const MOST_COUNTED = 140

export const numberEncoder = (coder: RangeEncoder): NumberCoder =>
  numberCoder(
    adaptive((start, bit) => {
      coder.encode(bit ? start : 0, bit ? TABLE_TOTAL - start : start)
      return bit
    }),
  )

export const numberDecoder = (coder: RangeDecoder): NumberCoder =>
  numberCoder(
    adaptive((start) => {
      const bit = coder.peek() < start ? 0 : 1
      coder.consume(bit ? start : 0, bit ? TABLE_TOTAL - start : start)
      return bit
    }),
  )

/** code: codes a bit, of whose interval 0 has [0, start). */
function adaptive(code: (start: number, bit: number) => number): BitCoder {
  const counts = new Uint16Array(2 * CONTEXTS * MOST_CONTEXTS).fill(1) // [context, bit]
  return (context, wanted) => {
    const zeros = 2 * context
    const ones = zeros + 1
    const all = counts[zeros] + counts[ones]
    const bit = code(((TABLE_TOTAL * counts[zeros]) / all) | 0, wanted)
    counts[zeros + bit] += 2
    if (all > MOST_COUNTED) for (const i of [zeros, ones]) counts[i] = (counts[i] + 1) >> 1
    return bit
  }
}

function numberCoder(code: BitCoder): NumberCoder {
  return (context, value) => {
    const first = (context + 1) * CONTEXTS
    const wanted = Math.abs(value)
    if (!code(first, wanted > 0 ? 1 : 0)) return 0
    const isNegative = code(EVEN, value < 0 ? 1 : 0)
    let magnitude = 1
    while (magnitude < UNARY && code(first + magnitude, wanted > magnitude ? 1 : 0)) magnitude++
    if (magnitude === UNARY) magnitude += codeRest(code, first + UNARY, wanted - UNARY)
    return isNegative ? -magnitude : magnitude
  }
}

/** rest: 0 or more. */
function codeRest(code: BitCoder, first: number, rest: number): number {
  let length = 0
  while (code(first + length, (rest + 1) >> (length + 1) ? 1 : 0)) length++
  let value = 1
  for (let bit = length - 1; bit >= 0; bit--) value = 2 * value + code(EVEN, ((rest + 1) >> bit) & 1)
  return value - 1
}
