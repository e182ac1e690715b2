/** One macroblock: predicted, transformed, quantized, and decoded again for its neighbours to be predicted from. */
import type { Plane } from './planes.ts'
import { DC, distance, modesAt, predict } from './predict.ts'
import type { Steps } from './quantizer.ts'
import { forwardDct, forwardWht, inverseDct, inverseWht } from './transform.ts'

const ZIGZAG = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15]

/** Where the blocks of a macroblock lie in its levels: 16 of luma, 4 of U, 4 of V, and luma's DC coefficients. */
export const U_BLOCKS = 16
export const LUMA_DC_BLOCK = 24
const BLOCKS = 25

export interface Macroblock {
  lumaMode: number
  chromaMode: number
  /** [25 blocks, 16] in zigzag order */
  levels: Int32Array
}

/** column, row: in macroblocks. */
export function encodeMacroblock(
  planes: [Plane, Plane, Plane],
  column: number,
  row: number,
  steps: Steps,
): Macroblock {
  const levels = new Int32Array(16 * BLOCKS)
  const lumaMode = encodeBlocks(planes.slice(0, 1), 16, column, row, steps, levels, 0)
  const chromaMode = encodeBlocks(planes.slice(1), 8, column, row, steps, levels, 16 * U_BLOCKS)
  return { lumaMode, chromaMode, levels }
}

/** One plane, or two with the same mode; answers with the mode. */
function encodeBlocks(
  planes: Plane[],
  side: number,
  column: number,
  row: number,
  steps: Steps,
  levels: Int32Array,
  at: number,
): number {
  const [x, y] = [column * side, row * side]
  let best = { mode: DC, error: Number.POSITIVE_INFINITY, predictions: [] as Uint8Array[] }
  for (const mode of modesAt(x, y)) {
    const predictions = planes.map((plane) => predict(plane, x, y, side, mode))
    const error = predictions.reduce((sum, each, i) => sum + distance(planes[i]!, x, y, side, each), 0)
    if (error < best.error) best = { mode, error, predictions }
  }
  planes.forEach((plane, i) => {
    codePlane(plane, x, y, side, best.predictions[i]!, steps, levels, at + i * side * side)
  })
  return best.mode
}

function codePlane(
  { source, decoded, stride }: Plane,
  x: number,
  y: number,
  side: number,
  prediction: Uint8Array,
  steps: Steps,
  levels: Int32Array,
  at: number,
): void {
  const coefficients = new Int32Array(side * side)
  const place = (i: number) => {
    // of coefficient i: block by block
    const [block, within] = [i >> 4, i & 15]
    const across = side / 4
    return { dx: 4 * (block % across) + (within & 3), dy: 4 * Math.floor(block / across) + (within >> 2) }
  }
  for (let i = 0; i < coefficients.length; i++) {
    const { dx, dy } = place(i)
    coefficients[i] = source[(y + dy) * stride + x + dx]! - prediction[dy * side + dx]!
  }
  for (let b = 0; b < coefficients.length; b += 16) forwardDct(coefficients, b)
  const isLuma = side === 16
  const dc = new Int32Array(16)
  if (isLuma) {
    for (let b = 0; b < 16; b++) dc[b] = coefficients[16 * b]!
    forwardWht(dc, 0)
    quantizeBlock(dc, 0, steps.lumaDc, 0, levels, 16 * LUMA_DC_BLOCK)
    inverseWht(dc, 0)
  }
  for (let b = 0; b < coefficients.length; b += 16) {
    quantizeBlock(coefficients, b, isLuma ? steps.luma : steps.chroma, isLuma ? 1 : 0, levels, at + b)
    if (isLuma) coefficients[b] = dc[b >> 4]!
    inverseDct(coefficients, b)
  }
  for (let i = 0; i < coefficients.length; i++) {
    const { dx, dy } = place(i)
    const value = prediction[dy * side + dx]! + (coefficients[i]! >> 3)
    decoded[(y + dy) * stride + x + dx] = Math.max(0, Math.min(255, value))
  }
}

/** Coefficients from `first` on: their levels to `levels`, and themselves replaced by what the decoder gets. */
function quantizeBlock(
  block: Int32Array,
  from: number,
  [dcStep, acStep]: [number, number],
  first: number,
  levels: Int32Array,
  to: number,
): void {
  for (let n = first; n < 16; n++) {
    const at = from + ZIGZAG[n]!
    const step = n === 0 ? dcStep : acStep
    const level = Math.floor(Math.abs(block[at]!) / step + (n === 0 ? 0.5 : ROUNDING)) * Math.sign(block[at]!)
    levels[to + n] = level
    block[at] = level * step
  }
}

/** Below a half: zeros are cheap. */
const ROUNDING = 0.45
