/** Quantized coefficients as VP8's tokens (RFC 6386, section 13). */
import type { BoolEncoder } from './bool-encoder.ts'
import { PROBABILITIES } from './probabilities.ts'

const BANDS = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0]

/** Kinds of blocks. */
export const LUMA_AFTER_DC = 0
export const LUMA_DC = 1
export const CHROMA = 2

/** Values above 10: the first of each category, and the probabilities of its extra bits. */
const CATEGORIES = [
  { from: 11, extra: [173, 148, 140] },
  { from: 19, extra: [176, 155, 140, 135] },
  { from: 35, extra: [180, 157, 141, 134, 130] },
  { from: 67, extra: [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129] },
]

/** levels: 16, in zigzag order, at `at`. context: how many of the blocks above and to the left have any. */
export function putTokens(
  coder: BoolEncoder,
  levels: Int32Array,
  at: number,
  kind: number,
  context: number,
): boolean {
  const first = kind === LUMA_AFTER_DC ? 1 : 0
  let last = 15
  while (last >= first && levels[at + last] === 0) last--
  let from = probabilitiesAt(kind, first, context)
  const put = (bit: boolean, node: number) => coder.put(bit, PROBABILITIES[from + node])
  if (!put(last >= first, 0)) return false
  for (let n = first; n < 16; ) {
    const level = levels[at + n++]
    const value = Math.abs(level)
    if (!put(value > 0, 1)) {
      from = probabilitiesAt(kind, n, 0)
      continue
    }
    if (put(value > 1, 2)) putLarge(coder, value, put)
    from = probabilitiesAt(kind, n, Math.min(value, 2))
    coder.put(level < 0, 128)
    if (n < 16 && !put(n <= last, 0)) break
  }
  return true
}

const probabilitiesAt = (kind: number, n: number, context: number) =>
  ((kind * 8 + BANDS[n]) * 3 + context) * 11

function putLarge(coder: BoolEncoder, value: number, put: (bit: boolean, node: number) => boolean): void {
  if (!put(value > 4, 3)) {
    if (put(value > 2, 4)) put(value > 3, 5)
  } else if (!put(value > 10, 6)) {
    if (put(value > 6, 7)) {
      coder.put(value > 8, 165)
      coder.put(value % 2 === 0, 145)
    } else coder.put(value > 5, 159)
  } else {
    const category = value < 19 ? 0 : value < 35 ? 1 : value < 67 ? 2 : 3
    put(category > 1, 8)
    put(category % 2 === 1, category > 1 ? 10 : 9)
    const { from, extra } = CATEGORIES[category]
    extra.forEach((probability, i) => {
      coder.put((((value - from) >> (extra.length - 1 - i)) & 1) === 1, probability)
    })
  }
}
