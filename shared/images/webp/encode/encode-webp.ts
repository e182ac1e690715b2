/**
 * RGB to a lossy WebP: one VP8 key frame (RFC 6386) of macroblocks predicted whole, which suits smooth pictures. Small
 * enough to travel in a web page; integers alone, so that the same picture is the same file everywhere.
 */
import { BoolEncoder } from './bool-encoder.ts'
import { BLOCKS, encodeMacroblock, LUMA_DC_BLOCK, type Modes, U_BLOCKS } from './macroblock.ts'
import { toPlanes } from './planes.ts'
import { DC, HORIZONTAL, TRUE_MOTION } from './predict.ts'
import { UPDATE_PROBABILITIES } from './probabilities.ts'
import { stepsAt } from './quantizer.ts'
import { CHROMA, LUMA_AFTER_DC, LUMA_DC, putTokens } from './tokens.ts'

/** VP8's limit. */
export const MAX_WEBP_SIDE = 16_383

/** rgba: [height, width, 4], its alpha ignored. quantizer: 0 (fine) to 127 (coarse). */
export function encodeWebp(
  rgba: ArrayLike<number>,
  width: number,
  height: number,
  quantizer: number,
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
      const modes = encodeMacroblock(planes, column, row, steps, levels)
      const isSkipped = !putCoefficients(tokens, levels, neighbours.above[column]!, neighbours.left)
      macroblocks.push({ modes, isSkipped })
    }
  }
  return container(width, height, headerAndModes(macroblocks, quantizer), tokens.finish())
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

/** A macroblock's part of the second partition; answers whether it has any coefficients. */
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
    const any = putTokens(coder, levels, 16 * block, kind, above[x]! + left[y]!)
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

function container(
  width: number,
  height: number,
  modes: number[],
  tokens: number[],
): Uint8Array<ArrayBuffer> {
  const size = 10 + modes.length + tokens.length
  const webp = new Uint8Array(20 + size + (size & 1))
  const view = new DataView(webp.buffer)
  const text = (at: number, characters: string) => {
    for (let i = 0; i < 4; i++) webp[at + i] = characters.charCodeAt(i)
  }
  text(0, 'RIFF')
  view.setUint32(4, webp.length - 8, true)
  text(8, 'WEBP')
  text(12, 'VP8 ')
  view.setUint32(16, size, true)
  webp[20] = 0x10 | ((modes.length & 7) << 5) // a key frame, shown
  view.setUint16(21, modes.length >> 3, true)
  webp.set([0x9d, 0x01, 0x2a], 23)
  view.setUint16(26, width, true)
  view.setUint16(28, height, true)
  webp.set(modes, 30)
  webp.set(tokens, 30 + modes.length)
  return webp
}
