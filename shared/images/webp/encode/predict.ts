/** Intra prediction of whole macroblocks (RFC 6386, section 12): DC, vertical, horizontal, or TrueMotion. */
import { DC, HORIZONTAL, type Predictor, TRUE_MOTION, VERTICAL } from './macroblock.ts'
import type { Plane } from './planes.ts'

const INSIDE = [DC, VERTICAL, HORIZONTAL, TRUE_MOTION]
const TOP_ROW = [DC, HORIZONTAL]
const LEFT_COLUMN = [DC, VERTICAL]
const CORNER = [DC]

/** Modes whose neighbours exist; at the picture's edges VP8 would use constants for the others. */
function modesAt(x: number, y: number): number[] {
  if (x > 0) return y > 0 ? INSIDE : TOP_ROW
  return y > 0 ? LEFT_COLUMN : CORNER
}

/** Writes the prediction [side, side] of the block whose corner is at pixel x, y. */
function predict(
  plane: Plane,
  x: number,
  y: number,
  side: number,
  mode: number,
  out: Uint8ClampedArray,
): void {
  const { decoded, stride } = plane
  const top = (y - 1) * stride + x
  let left = y * stride + x - 1
  if (mode === DC) {
    out.fill(mean(plane, x, y, side), 0, side * side)
    return
  }
  const corner = mode === TRUE_MOTION ? decoded[top - 1] : 0
  for (let i = 0, at = 0; i < side; i++, left += stride)
    for (let j = 0; j < side; j++, at++) {
      if (mode === VERTICAL) out[at] = decoded[top + j]
      else if (mode === HORIZONTAL) out[at] = decoded[left]
      else out[at] = decoded[left] + decoded[top + j] - corner
    }
}

function mean({ decoded, stride }: Plane, x: number, y: number, side: number): number {
  const corner = y * stride + x
  let sum = 0
  if (y > 0) for (let j = 0; j < side; j++) sum += decoded[corner - stride + j]
  if (x > 0) for (let i = 0; i < side; i++) sum += decoded[corner + i * stride - 1]
  const count = (x > 0 ? side : 0) + (y > 0 ? side : 0)
  return count === 0 ? 128 : Math.floor((sum + count / 2) / count)
}

/** Sum of squared differences between the source and a prediction. */
function distance(plane: Plane, x: number, y: number, side: number, prediction: Uint8ClampedArray): number {
  const { source, stride } = plane
  let sum = 0
  for (let i = 0, at = 0; i < side; i++)
    for (let j = 0, from = (y + i) * stride + x; j < side; j++, at++) {
      const difference = source[from + j] - prediction[at]
      sum += difference * difference
    }
  return sum
}

const trial = new Uint8ClampedArray(256)

/** The mode whose prediction is nearest to the source; U and V share one. */
function choose(planes: Plane[], x: number, y: number, side: number): number {
  let best = DC
  let least = Number.POSITIVE_INFINITY
  for (const mode of modesAt(x, y)) {
    let error = 0
    for (const plane of planes) {
      predict(plane, x, y, side, mode, trial)
      error += distance(plane, x, y, side, trial)
    }
    if (error < least) {
      best = mode
      least = error
    }
  }
  return best
}

export const neighbours: Predictor = { choose, predict }
