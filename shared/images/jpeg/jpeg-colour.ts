/** Planes of components -> rows of pixels: chroma upsampling and the colour transform (JFIF 1.02). */

import { toByte } from './cells/jpeg-idct.ts'
import type { Frame } from './jpeg-frame.ts'
import type { JpegMarkers } from './jpeg-markers.ts'
import type { Plane } from './jpeg-plane.ts'

/** Whether the first three components are Y, Cb and Cr, decided as libjpeg does: default_decompress_parms(). */
export function isYcbcr({ frame, isJfif, adobeTransform }: JpegMarkers): boolean {
  const ids = frame.components.map(({ id }) => id)
  if (ids.length === 4) return adobeTransform !== undefined && adobeTransform !== 0 // YCCK
  if (ids.length !== 3) return false
  if (isJfif) return true
  if (adobeTransform !== undefined) return adobeTransform !== 0
  return String.fromCharCode(...ids) !== 'RGB'
}

/** Of means, which are no whole numbers. */
export function ycbcrToRgb(y: number, cb: number, cr: number, rgb: Uint8Array, at: number): void {
  rgb[at] = toByte(Math.floor(y + 1.402 * (cr - 128) + 0.5))
  rgb[at + 1] = toByte(Math.floor(y - 0.344136286 * (cb - 128) - 0.714136286 * (cr - 128) + 0.5))
  rgb[at + 2] = toByte(Math.floor(y + 1.772 * (cb - 128) + 0.5))
}

/**
 * Of samples, in place, in libjpeg's fixed point of 16 bits (jdcolor.c). The first three of YCCK's components become the
 * complements of R, G and B: C, M and Y.
 */
export function transformRow(pixels: Uint8Array, channels: number): void {
  const flip = channels === 4 ? 255 : 0
  for (let at = 0; at < pixels.length; at += channels) {
    const y = pixels[at]
    const cb = pixels[at + 1] - 128
    const cr = pixels[at + 2] - 128
    pixels[at] = flip ^ toByte(y + ((91881 * cr + 32768) >> 16))
    pixels[at + 1] = flip ^ toByte(y + ((32768 - 22554 * cb - 46802 * cr) >> 16))
    pixels[at + 2] = flip ^ toByte(y + ((116130 * cb + 32768) >> 16))
  }
}

/** One row of a fully decoded image (8 x 8 cells per block), not yet transformed. pixels: [width, components] */
export function componentRow(frame: Frame, planes: Plane[], y: number, pixels: Uint8Array): void {
  const channels = planes.length
  planes.forEach((plane, c) => {
    if (plane.component.across === frame.maxAcross && plane.component.down === frame.maxDown) {
      const from = y * plane.stride
      for (let x = 0, to = c; x < frame.width; x++, to += channels) pixels[to] = plane.cells[from + x] ?? 0
    } else upsampleRow(frame, plane, y, pixels, c, channels)
  })
}

/**
 * Linear interpolation if a side is halved ("fancy upsampling"); repetition at other ratios, and across planes of one
 * or two columns. All as in libjpeg.
 */
function upsampleRow(
  frame: Frame,
  plane: Plane,
  y: number,
  pixels: Uint8Array,
  first: number,
  step: number,
): void {
  const { cells } = plane
  const ratioX = frame.maxAcross / plane.component.across
  const ratioY = frame.maxDown / plane.component.down
  const smoothX = ratioX === 2 && ratioY <= 2 && plane.width > 2
  const smoothY = ratioY === 2 && (smoothX || ratioX === 1)
  const near = Math.floor(y / ratioY)
  const sideY = smoothY ? 2 * (y % 2) - 1 : 0
  const far = Math.max(0, Math.min(plane.height - 1, near + sideY))
  const nearAt = near * plane.stride
  const farAt = far * plane.stride
  const column = (x: number): number => 3 * (cells[nearAt + x] ?? 0) + (cells[farAt + x] ?? 0) // times 4
  for (let x = 0, to = first; x < frame.width; x++, to += step) {
    const cell = Math.floor(x / ratioX)
    const sideX = smoothX ? 2 * (x % 2) - 1 : 0
    const beside = Math.max(0, Math.min(plane.width - 1, cell + sideX))
    pixels[to] = (3 * column(cell) + column(beside) + rounding(sideX, sideY)) >> 4 // times 16
  }
}

/** libjpeg alternates between rounding up and down, so that flat areas get no bias. */
function rounding(sideX: number, sideY: number): number {
  if (sideX !== 0 && sideY !== 0) return sideX < 0 ? 8 : 7
  return sideX + sideY < 0 ? 4 : 8
}
