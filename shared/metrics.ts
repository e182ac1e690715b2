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

/** Sums over a window or a column of it: of a, b, a*a, b*b and a*b. Integers, so that sliding them stays exact. */
const SUMS = 5

function channelSsim(
  a: Uint8Array,
  b: Uint8Array,
  { height, width, channels }: ImageShape,
  channel: number,
): number {
  const tall = Math.min(SSIM_SIDE, height)
  const wide = Math.min(SSIM_SIDE, width)
  const columns = new Int32Array(width * SUMS)
  const addRow = (y: number, sign: 1 | -1) => {
    for (let x = 0, i = y * width * channels + channel; x < width; x++, i += channels)
      addPair(columns, x * SUMS, a[i]! * sign, b[i]! * sign, a[i]!, b[i]!)
  }
  let sum = 0
  for (let y = 0; y < height; y++) {
    addRow(y, 1)
    if (y >= tall) addRow(y - tall, -1)
    if (y >= tall - 1) sum += rowSsim(columns, width, wide, tall * wide)
  }
  return sum / ((height - tall + 1) * (width - wide + 1))
}

function addPair(sums: Int32Array, at: number, signedA: number, signedB: number, a: number, b: number): void {
  sums[at]! += signedA
  sums[at + 1]! += signedB
  sums[at + 2]! += signedA * a
  sums[at + 3]! += signedB * b
  sums[at + 4]! += signedA * b
}

/** The sum over all windows of a row, from the sums of its columns. */
function rowSsim(columns: Int32Array, width: number, wide: number, samples: number): number {
  const sums = new Int32Array(SUMS)
  let total = 0
  for (let x = 0; x < width; x++) {
    for (let k = 0; k < SUMS; k++) sums[k]! += columns[x * SUMS + k]!
    if (x >= wide) for (let k = 0; k < SUMS; k++) sums[k]! -= columns[(x - wide) * SUMS + k]!
    if (x >= wide - 1) total += windowSsim(sums, samples)
  }
  return total
}

function windowSsim(sums: Int32Array, n: number): number {
  const meanA = sums[0]! / (255 * n)
  const meanB = sums[1]! / (255 * n)
  const unbiased = n > 1 ? n / (n - 1) : 1
  const square = 255 * 255 * n
  const varianceA = unbiased * (sums[2]! / square - meanA * meanA)
  const varianceB = unbiased * (sums[3]! / square - meanB * meanB)
  const covariance = unbiased * (sums[4]! / square - meanA * meanB)
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  )
}
