/**
 * The original image's size in a code, range-coded in one bit if it is the model's own and in one or two bytes for
 * most others (two integers of 16 bits take four):
 *
 *     1 bit    0: the model's own size, and nothing follows
 *     symbol   octave of the longer side: floor(log2)
 *     symbol   trailing zeros of the longer side, 12 at most: sides are often multiples of 8, 16, 100
 *     bits     the rest of the longer side: what lies between its leading one and those zeros
 *     symbol   the shape: one of the aspect ratios below, upright or wide, or another
 *     symbol   a known ratio: the shorter side's distance from longer * ratio, 0, -1 or 1
 *     bits     another ratio: one bit for upright, then shorter - 1 in as many bits as longer - 1 has
 *
 * The weights are guesses at what is common on the web; they are part of the format.
 */

import type { SymbolDecoder, SymbolEncoder } from '../entropy/range-coder.ts'
import { StaticTable } from '../entropy/static-table.ts'
import { CodecError } from '../errors.ts'

export interface ImageSize {
  /** Pixels. */
  width: number
  height: number
}

export const MAX_SIDE = 65_536

const OCTAVES = new StaticTable([2, 2, 2, 2, 2, 4, 6, 8, 12, 22, 28, 18, 11, 4, 2, 2, 1]) // up to 2^16
const MOST_ZEROS = 12
const ZEROS = new StaticTable([14, 9, 8, 8, 7, 5, 4, 3, 2, 1, 1, 1, 1])
/** Shorter side / longer side. */
const RATIOS = [1, 2 / 3, 2 / 3, 3 / 4, 3 / 4, 9 / 16, 9 / 16]
const UPRIGHT = [false, false, true, false, true, false, true]
const OTHER_SHAPE = RATIOS.length
const SHAPES = new StaticTable([2, 3, 2, 3, 2, 1, 1, 2])
const DISTANCES = [0, -1, 1]
const DISTANCE = new StaticTable([14, 1, 1])

const isSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE
const bitLength = (value: number) => 32 - Math.clz32(value)
const predicted = (longer: number, shape: number) => Math.round(longer * RATIOS[shape])

/** Undefined is the model's own size. Throws RangeError if a side is not 1 to 65,536 pixels. */
export function packSize(coder: SymbolEncoder, size: ImageSize | undefined): void {
  coder.encodeBits(size ? 1 : 0, 1)
  if (!size) return
  const { width, height } = size
  if (!isSide(width) || !isSide(height))
    throw new RangeError(`a code holds sizes from 1x1 to ${MAX_SIDE}x${MAX_SIDE}, not ${width}x${height}`)
  const [longer, shorter] = [Math.max(width, height), Math.min(width, height)]
  packLonger(coder, longer)
  packShorter(coder, longer, shorter, height > width)
}

export function unpackSize(coder: SymbolDecoder): ImageSize | undefined {
  if (coder.decodeBits(1) === 0) return undefined
  const longer = unpackLonger(coder)
  const { shorter, upright } = unpackShorter(coder, longer)
  if (!isSide(longer) || !isSide(shorter) || shorter > longer)
    throw new CodecError(`the code holds a size of ${longer}x${shorter}, which no encoder writes`)
  return upright ? { width: shorter, height: longer } : { width: longer, height: shorter }
}

/** longer = (1 rest 1 zeros) in binary, or (1 zeros) for a power of two. */
function packLonger(coder: SymbolEncoder, longer: number): void {
  const octave = bitLength(longer) - 1
  const zeros = Math.min(MOST_ZEROS, 31 - Math.clz32(longer & -longer))
  OCTAVES.encode(coder, octave)
  ZEROS.encode(coder, zeros)
  coder.encodeBits(longer >>> (zeros + impliedOne(zeros)), restBits(octave, zeros))
}

function unpackLonger(coder: SymbolDecoder): number {
  const octave = OCTAVES.decode(coder)
  const zeros = ZEROS.decode(coder)
  const bits = restBits(octave, zeros)
  const rest = coder.decodeBits(bits)
  if (zeros >= octave) return 2 ** octave
  const one = impliedOne(zeros)
  return (((((1 << bits) | rest) << one) | one) << zeros) >>> 0
}

/** The bit above the zeros is known to be 1, unless there may be more zeros than are counted. */
const impliedOne = (zeros: number) => (zeros < MOST_ZEROS ? 1 : 0)
const restBits = (octave: number, zeros: number) => Math.max(0, octave - zeros - impliedOne(zeros))

function packShorter(coder: SymbolEncoder, longer: number, shorter: number, upright: boolean): void {
  const shape = RATIOS.findIndex(
    (_, i) => upright === UPRIGHT[i] && Math.abs(shorter - predicted(longer, i)) <= 1,
  )
  SHAPES.encode(coder, shape < 0 ? OTHER_SHAPE : shape)
  if (shape >= 0) DISTANCE.encode(coder, DISTANCES.indexOf(shorter - predicted(longer, shape)))
  else {
    coder.encodeBits(upright ? 1 : 0, 1)
    coder.encodeBits(shorter - 1, bitLength(longer - 1))
  }
}

function unpackShorter(coder: SymbolDecoder, longer: number): { shorter: number; upright: boolean } {
  const shape = SHAPES.decode(coder)
  if (shape < OTHER_SHAPE) {
    const shorter = predicted(longer, shape) + DISTANCES[DISTANCE.decode(coder)]
    return { shorter, upright: UPRIGHT[shape] }
  }
  const upright = coder.decodeBits(1) === 1
  return { upright, shorter: coder.decodeBits(bitLength(longer - 1)) + 1 }
}
