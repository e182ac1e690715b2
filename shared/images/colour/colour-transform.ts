/** Converts a file's colours, as its profile defines them, to sRGB. */
export interface ColourTransform {
  /** Samples per pixel: grey, RGB or CMYK. */
  from: 1 | 3 | 4
  to: 1 | 3
  /** Cost per pixel, in units of decoding work (limits.ts). */
  pixelWork: number
  /** More for what pixels share: it grows less than their number. */
  sharedWork?(pixels: number): number
  /** stored: [count, from]; pixels: [count, to], and may be `stored` if both have the same channels. */
  convert(stored: Uint8Array, pixels: Uint8Array, count: number): void
}
