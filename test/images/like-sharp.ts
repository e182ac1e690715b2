/** The reference for decoded images: sharp's pixels, brought to the same size. */
import { expect } from 'vitest'
import { decodeImage } from '../../shared/images/decode-image.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import { areaAverage, toChannels } from '../../shared/images/resize.ts'
import '../../node/open-image.ts'
import { rgbBySharp } from './pictures.ts'

export const limits = { maxPixels: 16e6 }
export const MODELS = [
  { height: 32, width: 32, channels: 3 },
  { height: 28, width: 28, channels: 1 },
] as const

/** Largest and mean difference of two pictures, in 8-bit steps. */
function difference(a: Uint8Array, b: Uint8Array): { largest: number; mean: number } {
  expect(a.length).toBe(b.length)
  const steps = Array.from(a, (value, i) => Math.abs(value - b[i]))
  const largest = steps.reduce((most, step) => Math.max(most, step), 0)
  return { largest, mean: steps.reduce((sum, step) => sum + step, 0) / steps.length }
}

/**
 * Decoded here for both models and at the image's own size, against sharp's pixels through shared/images/resize.ts.
 * `largestAtOwnSize`: there, a JPEG has sharp's samples exactly, if it needs no conversion of colours.
 */
export async function expectLikeSharp(
  bytes: Uint8Array,
  type: ImageType,
  largest: number,
  mean: number,
  largestAtOwnSize = largest,
): Promise<void> {
  const reference = await rgbBySharp(bytes)
  const rgb = reference.channels === 1 ? toChannels(reference.data, 1, 3) : reference.data
  const { width, height } = reference
  for (const shape of [...MODELS, { width, height, channels: 3 } as const]) {
    const decoded = await decodeImage(bytes, type, shape, limits)
    expect([decoded.width, decoded.height]).toEqual([width, height])
    const off = difference(decoded.samples, areaAverage(rgb, { width, height, channels: 3 }, shape))
    expect
      .soft(off.largest, `largest difference at ${shape.width} x ${shape.height}`)
      .toBeLessThanOrEqual(shape.width === width ? largestAtOwnSize : largest)
    expect.soft(off.mean, `mean difference at ${shape.width} x ${shape.height}`).toBeLessThanOrEqual(mean)
  }
}

export const SIZES = [
  [28, 28],
  [1, 1],
  [3, 50],
  [33, 47],
  [300, 211],
] as const
