/** Intra prediction of whole macroblocks (RFC 6386, section 12): DC, vertical, horizontal, or TrueMotion. */
import type { Plane } from './planes.ts'

export const DC = 0
export const VERTICAL = 1
export const HORIZONTAL = 2
export const TRUE_MOTION = 3

/** Modes whose neighbours there are: at the picture's edges VP8 would take constants. */
export function modesAt(x: number, y: number): number[] {
  if (x > 0 && y > 0) return [DC, VERTICAL, HORIZONTAL, TRUE_MOTION]
  return x > 0 ? [DC, HORIZONTAL] : y > 0 ? [DC, VERTICAL] : [DC]
}

/** The prediction [side, side] of the block whose corner is at pixel x, y. */
export function predict(
  { decoded, stride }: Plane,
  x: number,
  y: number,
  side: number,
  mode: number,
): Uint8Array {
  const out = new Uint8Array(side * side)
  const corner = y * stride + x
  const top = (i: number) => decoded[corner - stride + i]!
  const left = (i: number) => decoded[corner + i * stride - 1]!
  if (mode === DC) return out.fill(mean(x, y, side, top, left))
  for (let i = 0, at = 0; i < side; i++)
    for (let j = 0; j < side; j++, at++) {
      const value = mode === VERTICAL ? top(j) : mode === HORIZONTAL ? left(i) : left(i) + top(j) - top(-1)
      out[at] = Math.max(0, Math.min(255, value))
    }
  return out
}

type Neighbour = (i: number) => number

function mean(x: number, y: number, side: number, top: Neighbour, left: Neighbour): number {
  let sum = 0
  for (let i = 0; i < side; i++) sum += (x > 0 ? left(i) : 0) + (y > 0 ? top(i) : 0)
  const count = (x > 0 ? side : 0) + (y > 0 ? side : 0)
  return count === 0 ? 128 : (sum + count / 2) / count // an array of bytes takes the floor
}

/** Sum of squared differences between the source and a prediction. */
export function distance(
  { source, stride }: Plane,
  x: number,
  y: number,
  side: number,
  prediction: Uint8Array,
): number {
  let sum = 0
  for (let i = 0, at = 0; i < side; i++)
    for (let j = 0; j < side; j++, at++) sum += (source[(y + i) * stride + x + j]! - prediction[at]!) ** 2
  return sum
}
