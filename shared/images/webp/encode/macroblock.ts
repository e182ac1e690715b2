/** One macroblock: predicted, transformed, quantized, and decoded again for its neighbours to be predicted from. */
import type { Plane } from './planes.ts'
import type { Steps } from './quantizer.ts'
import { forwardDct, forwardWht, inverseDct, inverseWht } from './transform.ts'

/** Marked as pure, like all tables here: bundlers then leave the encoder out of programs that make no data URLs. */
const ZIGZAG = /* @__PURE__ */ Uint8Array.of(0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15)

/** Where the blocks of a macroblock lie in its levels: 16 of luma, 4 of U, 4 of V, and luma's DC coefficients. */
export const U_BLOCKS = 16
const V_BLOCKS = 20
export const LUMA_DC_BLOCK = 24
export const BLOCKS = 25

/** Below a half, as zeros are cheap. */
const ROUNDING = 0.45

/** Scratch memory: residuals and coefficients [block, 4, 4], luma's DC coefficients, and predictions [side, side]. */
const blocks = /* @__PURE__ */ new Int32Array(256)
const dc = /* @__PURE__ */ new Int32Array(16)
const predictions = [
  /* @__PURE__ */ new Uint8ClampedArray(256),
  /* @__PURE__ */ new Uint8ClampedArray(64),
  /* @__PURE__ */ new Uint8ClampedArray(64),
] as const

/** Modes of prediction. */
export const DC = 0
export const VERTICAL = 1
export const HORIZONTAL = 2
export const TRUE_MOTION = 3

/** How a block of `side` pixels at x, y is predicted from what has been decoded. */
export interface Predictor {
  choose(planes: Plane[], x: number, y: number, side: number): number
  /** out: [side, side] */
  predict(plane: Plane, x: number, y: number, side: number, mode: number, out: Uint8ClampedArray): void
}

export interface Modes {
  luma: number
  chroma: number
}

/** column, row: in macroblocks. levels: [25 blocks, 16] in zigzag order, written. */
export function encodeMacroblock(
  { choose, predict }: Predictor,
  [luma, u, v]: readonly [Plane, Plane, Plane],
  column: number,
  row: number,
  steps: Steps,
  levels: Int32Array,
): Modes {
  const modes = {
    luma: choose([luma], 16 * column, 16 * row, 16),
    chroma: choose([u, v], 8 * column, 8 * row, 8),
  }
  predict(luma, 16 * column, 16 * row, 16, modes.luma, predictions[0])
  codeLuma(luma, 16 * column, 16 * row, steps, levels)
  for (const [plane, prediction, at] of [
    [u, predictions[1], U_BLOCKS],
    [v, predictions[2], V_BLOCKS],
  ] as const) {
    predict(plane, 8 * column, 8 * row, 8, modes.chroma, prediction)
    codeChroma(plane, 8 * column, 8 * row, prediction, steps, levels, 16 * at)
  }
  return modes
}

function codeLuma(plane: Plane, x: number, y: number, steps: Steps, levels: Int32Array): void {
  takeResidual(plane, x, y, 16, predictions[0])
  for (let b = 0; b < 16; b++) {
    forwardDct(blocks, 16 * b)
    dc[b] = blocks[16 * b]
  }
  forwardWht(dc)
  quantizeBlock(dc, 0, steps.lumaDc, 0, levels, 16 * LUMA_DC_BLOCK)
  inverseWht(dc)
  for (let b = 0; b < 16; b++) {
    quantizeBlock(blocks, 16 * b, steps.luma, 1, levels, 16 * b)
    blocks[16 * b] = dc[b]
    inverseDct(blocks, 16 * b)
  }
  addResidual(plane, x, y, 16, predictions[0])
}

function codeChroma(
  plane: Plane,
  x: number,
  y: number,
  prediction: Uint8ClampedArray,
  steps: Steps,
  levels: Int32Array,
  at: number,
): void {
  takeResidual(plane, x, y, 8, prediction)
  for (let b = 0; b < 64; b += 16) {
    forwardDct(blocks, b)
    quantizeBlock(blocks, b, steps.chroma, 0, levels, at + b)
    inverseDct(blocks, b)
  }
  addResidual(plane, x, y, 8, prediction)
}

/** Where pixel j of line i lies in `blocks`. */
const placeOf = (i: number, j: number, side: number) =>
  ((((i >> 2) * side) >> 2) + (j >> 2)) * 16 + (i & 3) * 4 + (j & 3)

function takeResidual(
  { source, stride }: Plane,
  x: number,
  y: number,
  side: number,
  prediction: Uint8ClampedArray,
): void {
  for (let i = 0, at = 0; i < side; i++)
    for (let j = 0, from = (y + i) * stride + x; j < side; j++, at++)
      blocks[placeOf(i, j, side)] = source[from + j] - prediction[at]
}

function addResidual(
  { decoded, stride }: Plane,
  x: number,
  y: number,
  side: number,
  prediction: Uint8ClampedArray,
): void {
  for (let i = 0, at = 0; i < side; i++)
    for (let j = 0, to = (y + i) * stride + x; j < side; j++, at++)
      decoded[to + j] = prediction[at] + (blocks[placeOf(i, j, side)] >> 3)
}

/** Coefficients from `first` on: their levels to `levels`, and themselves replaced by what the decoder gets. */
function quantizeBlock(
  block: Int32Array,
  from: number,
  [dcStep, acStep]: readonly [number, number],
  first: number,
  levels: Int32Array,
  to: number,
): void {
  for (let n = first; n < 16; n++) {
    const at = from + ZIGZAG[n]
    const step = n === 0 ? dcStep : acStep
    const value = block[at]
    const magnitude = Math.floor((value < 0 ? -value : value) / step + (n === 0 ? 0.5 : ROUNDING))
    const level = value < 0 ? -magnitude : magnitude
    levels[to + n] = level
    block[at] = level * step
  }
}
