import { encodeWebp } from './encode-webp.ts'

/** The finest WebP of at most `maxBytes`, and no finer than `finest`; undefined if even the coarsest is larger. */
export function encodeWebpWithin(
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
    const webp = encodeWebp(rgba, width, height, quantizer)
    if (webp.length <= maxBytes) {
      best = webp
      coarse = quantizer
    } else fine = quantizer + 1
  }
  return best
}
