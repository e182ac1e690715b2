import { twoValuedAlpha } from './alpha.ts'
import { encodeFrame } from './frame.ts'
import { DC, type Predictor } from './macroblock.ts'

/** For the first macroblock, which has no neighbours: middle grey. */
const first: Predictor = {
  choose: () => DC,
  predict(_plane, _x, _y, side, _mode, out) {
    out.fill(128, 0, side * side)
  },
}

/**
 * A picture with sides of at most 16 pixels -> its finest WebP within `maxBytes`, though no finer than `finest`;
 * undefined if even the coarsest is larger. Half transparent pixels become transparent.
 */
export function encodeTile(
  rgba: ArrayLike<number>,
  width: number,
  height: number,
  maxBytes: number,
  finest = 0,
): Uint8Array<ArrayBuffer> | undefined {
  let [fine, coarse] = [finest, 128]
  let best: Uint8Array<ArrayBuffer> | undefined
  while (fine < coarse) {
    const quantizer = (fine + coarse) >> 1
    const webp = encodeFrame(first, rgba, width, height, quantizer, twoValuedAlpha)
    if (webp.length <= maxBytes) {
      best = webp
      coarse = quantizer
    } else fine = quantizer + 1
  }
  return best
}
