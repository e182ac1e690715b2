/**
 * Encodes a picture as a lossy WebP: one VP8 key frame (RFC 6386) of macroblocks predicted as a whole, which suits
 * smooth pictures. The encoder is small enough to be part of a web page, and uses only integers, so a picture gives the
 * same file everywhere.
 */
import { BoolEncoder } from './bool-encoder.ts'
import {
  BLOCKS,
  DC,
  encodeMacroblock,
  HORIZONTAL,
  LUMA_DC_BLOCK,
  type Modes,
  type Predictor,
  TRUE_MOTION,
  U_BLOCKS,
} from './macroblock.ts'
import { toPlanes } from './planes.ts'
import { UPDATE_PROBABILITIES } from './probabilities.ts'
import { stepsAt } from './quantizer.ts'
import { CHROMA, LUMA_AFTER_DC, LUMA_DC, putTokens } from './tokens.ts'

/** rgba: [height, width, 4]; alphaOf makes the ALPH chunk's body. quantizer: 0 (fine) to 127 (coarse). */
export function encodeFrame(
  predictor: Predictor,
  rgba: ArrayLike<number>,
  width: number,
  height: number,
  quantizer: number,
  alphaOf: (rgba: ArrayLike<number>) => number[] | undefined,
): Uint8Array<ArrayBuffer> {
  const planes = toPlanes(rgba, width, height)
  const [columns, rows] = [(width + 15) >> 4, (height + 15) >> 4]
  const steps = stepsAt(quantizer)
  const levels = new Int32Array(16 * BLOCKS)
  const neighbours = newNeighbours(columns)
  const tokens = new BoolEncoder()
  const macroblocks: Macroblock[] = []
  for (let row = 0; row < rows; row++) {
    neighbours.left.fill(0)
    for (let column = 0; column < columns; column++) {
      const modes = encodeMacroblock(predictor, planes, column, row, steps, levels)
      const isSkipped = !putCoefficients(tokens, levels, neighbours.above[column], neighbours.left)
      macroblocks.push({ modes, isSkipped })
    }
  }
  const frame = vp8Frame(width, height, headerAndModes(macroblocks, quantizer), tokens.finish())
  return riff(width, height, frame, alphaOf(rgba))
}

interface Macroblock {
  modes: Modes
  /** It has no coefficients. */
  isSkipped: boolean
}

/** The first partition. */
function headerAndModes(macroblocks: Macroblock[], quantizer: number): number[] {
  const coder = new BoolEncoder()
  coder.putNumber(0, 4) // colour space, clamping, no segments, the normal loop filter
  coder.putNumber(filterLevel(quantizer), 6)
  coder.putNumber(0, 6) // sharpness, no adjustments of the filter, one partition of tokens
  coder.putNumber(quantizer, 7)
  coder.putNumber(0, 6) // the same for all kinds of coefficients; probabilities are kept for no other frame
  for (const probability of UPDATE_PROBABILITIES) coder.put(false, probability)
  const skips = macroblocks.filter(({ isSkipped }) => isSkipped).length
  const kept = macroblocks.length - skips
  const skipProbability = Math.max(1, Math.min(255, Math.round((256 * kept) / macroblocks.length)))
  coder.put(skips > 0, 128)
  if (skips > 0) coder.putNumber(skipProbability, 8)
  for (const { modes, isSkipped } of macroblocks) {
    if (skips > 0) coder.put(isSkipped, skipProbability)
    coder.put(true, 145) // predicted whole
    if (coder.put(modes.luma >= HORIZONTAL, 156)) coder.put(modes.luma === TRUE_MOTION, 128)
    else coder.put(modes.luma !== DC, 163)
    if (coder.put(modes.chroma !== DC, 142))
      if (coder.put(modes.chroma >= HORIZONTAL, 114)) coder.put(modes.chroma === TRUE_MOTION, 183)
  }
  return coder.finish()
}

/** How much the decoder smooths the blocks' edges, 0 to 63. */
const filterLevel = (quantizer: number) => quantizer >> 2

/** Which blocks next to a macroblock have coefficients: of luma 4, of U 2, of V 2, of luma's DC 1. */
const newNeighbours = (columns: number) => ({
  above: Array.from({ length: columns }, () => new Uint8Array(9)),
  left: new Uint8Array(9),
})

/** Writes a macroblock's part of the second partition; returns whether it has any coefficients. */
function putCoefficients(
  coder: BoolEncoder,
  levels: Int32Array,
  above: Uint8Array,
  left: Uint8Array,
): boolean {
  if (levels.every((level) => level === 0)) {
    above.fill(0)
    left.fill(0)
    return false
  }
  const put = (block: number, kind: number, x: number, y: number) => {
    const any = putTokens(coder, levels, 16 * block, kind, above[x] + left[y])
    above[x] = left[y] = any ? 1 : 0
  }
  put(LUMA_DC_BLOCK, LUMA_DC, 8, 8)
  for (let b = 0; b < 16; b++) put(b, LUMA_AFTER_DC, b & 3, b >> 2)
  for (let b = 0; b < 8; b++) {
    const plane = 4 + 2 * (b >> 2)
    put(U_BLOCKS + b, CHROMA, plane + (b & 1), plane + ((b >> 1) & 1))
  }
  return true
}

/** A key frame: its header, and both partitions. */
const vp8Frame = (width: number, height: number, modes: number[], tokens: number[]): number[] => [
  0x10 | ((modes.length & 7) << 5), // a key frame, shown
  ...littleEndian(modes.length >> 3, 2),
  ...[0x9d, 0x01, 0x2a],
  ...littleEndian(width, 2),
  ...littleEndian(height, 2),
  ...modes,
  ...tokens,
]

const HAS_ALPHA = 0x10

function riff(width: number, height: number, frame: number[], alpha?: number[]): Uint8Array<ArrayBuffer> {
  const extended = [HAS_ALPHA, 0, 0, 0, ...littleEndian(width - 1, 3), ...littleEndian(height - 1, 3)]
  const chunks = alpha
    ? [...chunk('VP8X', extended), ...chunk('ALPH', alpha), ...chunk('VP8 ', frame)]
    : chunk('VP8 ', frame)
  return Uint8Array.from(chunk('RIFF', [...codesOf('WEBP'), ...chunks]))
}

const chunk = (name: string, body: number[]): number[] => [
  ...codesOf(name),
  ...littleEndian(body.length, 4),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
]

const codesOf = (text: string) => [...text].map((character) => character.charCodeAt(0))

const littleEndian = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => (value >> (8 * i)) & 255)
