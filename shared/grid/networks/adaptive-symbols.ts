/**
 * Whole numbers near zero, each in a context, by a binary coder whose probabilities follow what has come: is it zero, its
 * sign, then its size one by one. Integers only, the same both ways (BitCoder).
 */
import type { BitCoder } from '../planes/bit-coder.ts'
import { PROBABILITY_BITS } from '../planes/plane-shape.ts'

const EVEN = 1 << (PROBABILITY_BITS - 1)
/** Bits of a size that have a probability of their own; the ones after share the last one's. */
const SIZES = 15
/** A probability moves by 2^-n of what it was wrong by: fast at first, then by this. */
const SLOWEST = 6

export class AdaptiveSymbols {
  readonly #coder: BitCoder
  readonly #ones: Uint16Array // [context][zero?, size > 1?, size > 2? ...]
  readonly #seen: Uint8Array

  constructor(coder: BitCoder, contexts: number) {
    this.#coder = coder
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
    const speed = Math.min(SLOWEST, 1 + this.#seen[at])
    if (this.#seen[at] < SLOWEST) this.#seen[at]++
    const goal = coded ? (1 << PROBABILITY_BITS) - 32 : 32
    this.#ones[at] = one + ((goal - one) >> speed)
    return coded
  }
}
