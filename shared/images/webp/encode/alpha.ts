/** A picture's transparency as the body of WebP's ALPH chunk; undefined if the picture is opaque. */

/** Lossless compression (VP8L) or none; no filter. */
const [COMPRESSED, RAW] = [1, 0]
const OPAQUE_FROM = 128

/** With a byte per pixel. rgba: [height, width, 4] */
export function wholeAlpha(rgba: ArrayLike<number>): number[] | undefined {
  const alpha = Array.from({ length: rgba.length / 4 }, (_, i) => rgba[4 * i + 3])
  return alpha.every((value) => value === 255) ? undefined : [RAW, ...alpha]
}

/**
 * With a bit per pixel, transparent or opaque: browsers enlarge it smoothly, which softens the edges. rgba: [height,
 * width, 4]
 */
export function twoValuedAlpha(rgba: ArrayLike<number>): number[] | undefined {
  const pixels = rgba.length / 4
  const isOpaque = (i: number) => rgba[4 * i + 3] >= OPAQUE_FROM
  let opaque = 0
  for (let i = 0; i < pixels; i++) if (isOpaque(i)) opaque++
  if (opaque === pixels) return undefined
  const bytes = [COMPRESSED]
  let bits = 0
  let held = 0
  const put = (value: number, count: number) => {
    // the lowest bit first
    bits |= value << held
    for (held += count; held >= 8; held -= 8, bits >>>= 8) bytes.push(bits & 255)
  }
  put(0, 3) // no transform, no colour cache, one set of codes
  put(0b111, 3) // the green channel has two values
  put(0, 8)
  put(255, 8)
  for (const _ of ['red', 'blue', 'alpha', 'distance']) put(0b0001, 4) // these have one value, 0, in no bits
  for (let i = 0; i < pixels; i++) put(isOpaque(i) ? 1 : 0, 1)
  put(0, (8 - held) % 8)
  return bytes
}
