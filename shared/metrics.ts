/** Distortion between two images of 8-bit samples, on the [0, 1] scale. */
import type { ImageShape } from './manifest.ts'

/** What an error of zero is reported as: JSON has no infinity. */
export const MAX_PSNR_DB = 99

/** So many squares of 8-bit differences fit an int32, in which they are added faster. */
const INT32_SQUARES = 2 ** 15

/** Mean squared error of two sample arrays of one length. The sum is of integers, so it is exact. */
export function mse(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let start = 0; start < a.length; start += INT32_SQUARES) {
    const end = Math.min(a.length, start + INT32_SQUARES)
    let part = 0
    for (let i = start; i < end; i++) {
      const difference = a[i]! - b[i]!
      part = (part + difference * difference) | 0
    }
    sum += part
  }
  return sum / (a.length * 255 * 255)
}

/** Peak signal-to-noise ratio in dB of a mean squared error on [0, 1], at most 99. */
export function psnrDb(meanSquaredError: number): number {
  return meanSquaredError === 0 ? MAX_PSNR_DB : Math.min(MAX_PSNR_DB, -10 * Math.log10(meanSquaredError))
}

const SSIM_SIDE = 7
const C1 = 0.01 ** 2
const C2 = 0.03 ** 2

/**
 * Structural similarity (Wang et al. 2004) with uniform 7x7 windows and sample covariance, as
 * scikit-image's default computes it; the mean over channels. Images under 7 pixels a side use the whole side.
 */
export function ssim(a: Uint8Array, b: Uint8Array, shape: ImageShape): number {
  let sum = 0
  for (let channel = 0; channel < shape.channels; channel++) sum += channelSsim(a, b, shape, channel)
  return sum / shape.channels
}

function channelSsim(a: Uint8Array, b: Uint8Array, { height, width, channels }: ImageShape, channel: number) {
  const tall = Math.min(SSIM_SIDE, height)
  const wide = Math.min(SSIM_SIDE, width)
  let sum = 0
  for (let y = 0; y + tall <= height; y++)
    for (let x = 0; x + wide <= width; x++) {
      const first = (y * width + x) * channels + channel
      sum += windowSsim(a, b, first, width * channels, channels, tall, wide)
    }
  return sum / ((height - tall + 1) * (width - wide + 1))
}

function windowSsim(
  a: Uint8Array,
  b: Uint8Array,
  first: number,
  rowStride: number,
  stride: number,
  tall: number,
  wide: number,
): number {
  let sumA = 0,
    sumB = 0,
    sumAA = 0,
    sumBB = 0,
    sumAB = 0
  for (let y = 0; y < tall; y++)
    for (let x = 0, i = first + y * rowStride; x < wide; x++, i += stride) {
      const p = a[i]! / 255
      const q = b[i]! / 255
      sumA += p
      sumB += q
      sumAA += p * p
      sumBB += q * q
      sumAB += p * q
    }
  const n = tall * wide
  const meanA = sumA / n
  const meanB = sumB / n
  const unbiased = n > 1 ? n / (n - 1) : 1
  const varianceA = unbiased * (sumAA / n - meanA * meanA)
  const varianceB = unbiased * (sumBB / n - meanB * meanB)
  const covariance = unbiased * (sumAB / n - meanA * meanB)
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  )
}
