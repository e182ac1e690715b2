/**
 * Whole numbers near zero, each in a context, by a binary coder whose probabilities follow what has come: is it zero, its
 * sign, then its size one by one. Integers only, the same both ways (BitCoder).
 */
import { type RangeDecoder, type RangeEncoder, readBit, TABLE_TOTAL, writeBit } from './range-coder.ts'

/** Codes a bit both ways: an encoder returns the bit it is given, a decoder the bit it finds. */
export interface BitCoder {
  /** `one`: the probability of a 1, in 2^14ths, 1 to 2^14 - 1. */
  code(bit: number, one: number): number
}

export const bitEncoder = (coder: RangeEncoder): BitCoder => ({
  code(bit, one) {
    writeBit(coder, TABLE_TOTAL - one, bit)
    return bit
  },
})

export const bitDecoder = (coder: RangeDecoder): BitCoder => ({
  code: (_bit, one) => readBit(coder, TABLE_TOTAL - one),
})

const EVEN = TABLE_TOTAL / 2
/** Bits of a size that have a probability of their own; the ones after share the last one's. */
const SIZES = 15

export class AdaptiveSymbols {
  readonly #coder: BitCoder
  readonly #ones: Uint16Array // [context][zero?, size > 1?, size > 2? ...]
  readonly #seen: Uint8Array
  readonly #slowest: number

  /** A probability moves by 2^-n of what it was wrong by: fast at first, then by n = slowest. */
  constructor(coder: BitCoder, contexts: number, slowest: number) {
    this.#coder = coder
    this.#slowest = slowest
    this.#ones = new Uint16Array(contexts * SIZES).fill(EVEN)
    this.#seen = new Uint8Array(contexts * SIZES)
  }

  /** An encoder returns the value that it is given, a decoder the one that it finds. */
  code(value: number, context: number): number {
    const first = context * SIZES
    if (!this.#bit(value === 0 ? 0 : 1, first)) return 0
    const negative = this.#coder.code(value < 0 ? 1 : 0, EVEN)
    const goal = Math.abs(value)
    let size = 1
    while (this.#bit(goal > size ? 1 : 0, first + Math.min(size, SIZES - 1))) size++
    return negative ? -size : size
  }

  #bit(bit: number, at: number): number {
    const one = this.#ones[at]
    const coded = this.#coder.code(bit, one)
    const speed = Math.min(this.#slowest, this.#seen[at] + 1)
    this.#seen[at] = speed
    const goal = coded ? TABLE_TOTAL - 32 : 32
    this.#ones[at] = one + ((goal - one) >> speed)
    return coded
  }
}
