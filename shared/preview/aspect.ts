/**
 * The original's aspect ratio, in a byte at most: a common ratio, or the nearest of a list of others.
 *
 *     symbol   1:1, 4:3, 3:2, 16:9, each of the last three also upright; or another
 *     another: 1 bit for upright, 2 bits octave, 4 bits rest: longer / shorter = (16 + rest) * 2^octave / 16
 */
import type { RangeDecoder, RangeEncoder } from '../codec/entropy/range-coder.ts'
import { StaticTable } from '../codec/entropy/static-table.ts'

export interface Aspect {
  /** Whole numbers. */
  width: number
  height: number
}

const COMMON: readonly [number, number][] = [
  [1, 1],
  [4, 3],
  [3, 4],
  [3, 2],
  [2, 3],
  [16, 9],
  [9, 16],
]
const OTHER = COMMON.length
const KINDS = new StaticTable([2, 2, 2, 3, 2, 1, 1, 3])
const MOST_SIXTEENTHS = 16 * 15.5

const distance = (width: number, height: number, [w, h]: readonly [number, number]) =>
  Math.abs(Math.log((width * h) / (height * w)))

/** For a picture of width x height; ratios beyond 15.5 become 15.5. */
export function packAspect(coder: RangeEncoder, width: number, height: number): void {
  const { octave, rest } = sixteenthsOf(width, height)
  const longer = (16 + rest) << octave
  const upright = height > width
  const [w, h] = upright ? [16, longer] : [longer, 16]
  const common = COMMON.findIndex(
    (ratio) => distance(width, height, ratio) < 0.008 || w * ratio[1] === h * ratio[0],
  )
  KINDS.encode(coder, common < 0 ? OTHER : common)
  if (common >= 0) return
  coder.encodeBits(upright ? 1 : 0, 1)
  coder.encodeBits(octave, 2)
  coder.encodeBits(rest, 4)
}

/** longer / shorter = (16 + rest) * 2^octave / 16, to the nearest. */
function sixteenthsOf(width: number, height: number): { octave: number; rest: number } {
  const sixteenths = Math.min(MOST_SIXTEENTHS, (16 * Math.max(width, height)) / Math.min(width, height))
  const octave = Math.floor(Math.log2(sixteenths / 16))
  const rest = Math.round(sixteenths / 2 ** octave) - 16
  return rest === 16 ? { octave: octave + 1, rest: 0 } : { octave, rest }
}

export function unpackAspect(coder: RangeDecoder): Aspect {
  const kind = KINDS.decode(coder)
  if (kind < OTHER) return { width: COMMON[kind][0], height: COMMON[kind][1] }
  const upright = coder.decodeBits(1) === 1
  const octave = coder.decodeBits(2)
  const longer = (16 + coder.decodeBits(4)) << octave
  return upright ? { width: 16, height: longer } : { width: longer, height: 16 }
}
