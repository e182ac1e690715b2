/** From planes of components to rows of pixels: chroma upsampling and the colour transform (JFIF 1.02). */
import type { Frame } from './jpeg-header.ts'
import type { Plane } from './jpeg-planes.ts'

/** Three components are YCbCr unless Adobe's marker, or their own names, say RGB. */
export function isYcbcr({ components }: Frame, adobeTransform: number | undefined): boolean {
  if (components.length !== 3) return false
  if (adobeTransform !== undefined) return adobeTransform !== 0
  return !'RGB'.split('').every((letter, i) => components[i]!.id === letter.charCodeAt(0))
}

export function ycbcrToRgb(y: number, cb: number, cr: number, rgb: Uint8Array, at: number): void {
  rgb[at] = clamp(y + 1.402 * (cr - 128))
  rgb[at + 1] = clamp(y - 0.344136286 * (cb - 128) - 0.714136286 * (cr - 128))
  rgb[at + 2] = clamp(y + 1.772 * (cb - 128))
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.floor(value + 0.5)))
}

/** One row of a fully decoded image (8 cells a block side). pixels: [width, channels] */
export function colourRow(
  frame: Frame,
  planes: Plane[],
  toRgb: boolean,
  y: number,
  pixels: Uint8Array,
): void {
  const channels = planes.length
  planes.forEach((plane, c) => {
    if (plane.component.across === frame.maxAcross && plane.component.down === frame.maxDown) {
      const from = y * plane.stride
      for (let x = 0, to = c; x < frame.width; x++, to += channels) pixels[to] = plane.cells[from + x]!
    } else upsampleRow(frame, plane, y, pixels, c, channels)
  })
  if (!toRgb) return
  for (let at = 0; at < 3 * frame.width; at += 3) {
    ycbcrToRgb(pixels[at]!, pixels[at + 1]!, pixels[at + 2]!, pixels, at)
  }
}

/**
 * Linear interpolation where a side is halved ("fancy upsampling"); repetition at other ratios, and across planes of
 * one or two columns: all as libjpeg does.
 */
function upsampleRow(
  frame: Frame,
  plane: Plane,
  y: number,
  pixels: Uint8Array,
  first: number,
  step: number,
): void {
  const ratioX = frame.maxAcross / plane.component.across
  const ratioY = frame.maxDown / plane.component.down
  const smoothX = ratioX === 2 && plane.width > 2
  const smoothY = ratioY === 2 && (smoothX || ratioX === 1)
  const near = Math.floor(y / ratioY)
  const sideY = smoothY ? 2 * (y % 2) - 1 : 0
  const far = Math.max(0, Math.min(plane.height - 1, near + sideY))
  const nearAt = near * plane.stride
  const farAt = far * plane.stride
  const column = (x: number): number => 3 * plane.cells[nearAt + x]! + plane.cells[farAt + x]! // times 4
  for (let x = 0, to = first; x < frame.width; x++, to += step) {
    const cell = Math.floor(x / ratioX)
    const sideX = smoothX ? 2 * (x % 2) - 1 : 0
    const beside = Math.max(0, Math.min(plane.width - 1, cell + sideX))
    pixels[to] = (3 * column(cell) + column(beside) + rounding(sideX, sideY)) >> 4 // times 16
  }
}

/** libjpeg rounds neighbours up and down in turn, so that a flat area gets no bias. */
function rounding(sideX: number, sideY: number): number {
  if (sideX !== 0 && sideY !== 0) return sideX < 0 ? 8 : 7
  return sideX + sideY < 0 ? 4 : 8
}
