/**
 * A picture's transparency as the body of WebP's ALPH chunk: a lossless image (VP8L) of two values, transparent and opaque,
 * a bit a pixel. Browsers enlarge it smoothly, so that an edge is soft.
 */

const OPAQUE_FROM = 128
/** No filter, lossless compression. */
const HEADER = 1

/** Undefined if all of it is opaque. rgba: [height, width, 4] */
export function alphaChunk(rgba: ArrayLike<number>): number[] | undefined {
  const pixels = rgba.length / 4
  const isOpaque = (i: number) => rgba[4 * i + 3] >= OPAQUE_FROM
  let opaque = 0
  for (let i = 0; i < pixels; i++) if (isOpaque(i)) opaque++
  if (opaque === pixels) return undefined
  const bytes = [HEADER]
  let bits = 0
  let held = 0
  const put = (value: number, count: number) => {
    // the lowest bit first
    bits |= value << held
    for (held += count; held >= 8; held -= 8, bits >>>= 8) bytes.push(bits & 255)
  }
  put(0, 3) // no transform, no colour cache, one set of codes
  put(0b111, 3) // the green channel has two values,
  put(0, 8)
  put(255, 8)
  for (const _ of ['red', 'blue', 'alpha', 'distance']) put(0b0001, 4) // and these one: 0, in no bits
  for (let i = 0; i < pixels; i++) put(isOpaque(i) ? 1 : 0, 1)
  put(0, (8 - held) % 8)
  return bytes
}
