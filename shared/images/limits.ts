import { ImageTooLargeError } from './errors.ts'

export interface ImageLimits {
  maxPixels: number
}

/** JPEG's own limit, applied to every format: it bounds the memory that one row takes. */
export const MAX_SIDE = 65535

/** Called with a header's dimensions before anything is allocated or decoded. */
export function checkDimensions(width: number, height: number, { maxPixels }: ImageLimits): void {
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new ImageTooLargeError(`expected sides of at most ${MAX_SIDE} pixels, got ${width} x ${height}`)
  }
  if (width * height > maxPixels) {
    throw new ImageTooLargeError(`expected at most ${maxPixels} pixels, got ${width} x ${height}`)
  }
}
