/** Distortion between two images of 8-bit samples, on the [0, 1] scale. */
import type { ImageShape } from '../manifest.ts'

/** What an error of zero is reported as: JSON has no infinity. */
const MAX_PSNR_DB = 99

/** This many squares of 8-bit differences fit into an int32, in which they are added faster. */
const INT32_SQUARES = 2 ** 15

/** Mean squared error of two sample arrays of equal length. The sum is of integers, so it is exact. */
export function mse(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let start = 0; start < a.length; start += INT32_SQUARES) {
    const end = Math.min(a.length, start + INT32_SQUARES)
    let part = 0
    for (let i = start; i < end; i++) {
      const difference = a[i] - b[i]
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
 * Structural similarity (Wang et al. 2004) with uniform 7 x 7 windows and sample covariance, as scikit-image computes
 * it by default; the mean over channels. A side under 7 pixels has a window of its whole length.
 */
export function ssim(a: Uint8Array, b: Uint8Array, shape: ImageShape): number {
  let sum = 0
  for (let channel = 0; channel < shape.channels; channel++) sum += channelSsim(a, b, shape, channel)
  return sum / shape.channels
}

/** Sums of a, b, a*a + b*b and a*b over a column of a window. They are integers, so sliding the window stays exact. */
const SUMS = 4

function channelSsim(
  a: Uint8Array,
  b: Uint8Array,
  { height, width, channels }: ImageShape,
  channel: number,
): number {
  const tall = Math.min(SSIM_SIDE, height)
  const wide = Math.min(SSIM_SIDE, width)
  const columns = new Int32Array(width * SUMS)
  const rowStep = width * channels
  let sum = 0
  for (let y = 0; y < height; y++) {
    slideColumns(columns, a, b, y * rowStep + channel, channels, y < tall ? 0 : tall * rowStep)
    if (y >= tall - 1) sum += rowSsim(columns, wide, tall * wide)
  }
  return sum / ((height - tall + 1) * (width - wide + 1))
}

/** Adds the row that begins at `first`, and subtracts the one `back` samples before it, unless that is 0. */
function slideColumns(
  columns: Int32Array,
  a: Uint8Array,
  b: Uint8Array,
  first: number,
  step: number,
  back: number,
): void {
  for (let at = 0, i = first; at < columns.length; at += SUMS, i += step) {
    const newA = a[i]
    const newB = b[i]
    const oldA = back === 0 ? 0 : a[i - back]
    const oldB = back === 0 ? 0 : b[i - back]
    columns[at] += newA - oldA
    columns[at + 1] += newB - oldB
    columns[at + 2] += newA * newA + newB * newB - oldA * oldA - oldB * oldB
    columns[at + 3] += newA * newB - oldA * oldB
  }
}

/** The sum over all windows of a row, from the columns' sums. */
function rowSsim(columns: Int32Array, wide: number, n: number): number {
  const back = wide * SUMS
  const unbiased = n > 1 ? n / (n - 1) : 1
  const c1 = C1 * (255 * n) ** 2
  const c2 = C2 * (255 * n) ** 2
  let [sumA, sumB, sumSquares, sumAB] = [0, 0, 0, 0]
  let total = 0
  for (let at = 0; at < columns.length; at += SUMS) {
    sumA += columns[at]
    sumB += columns[at + 1]
    sumSquares += columns[at + 2]
    sumAB += columns[at + 3]
    if (at >= back) {
      sumA -= columns[at - back]
      sumB -= columns[at - back + 1]
      sumSquares -= columns[at - back + 2]
      sumAB -= columns[at - back + 3]
    }
    if (at < back - SUMS) continue
    // Means, variances and the covariance, all times (255 n)^2: integers, with one division per window.
    const means = sumA * sumB
    const squares = sumA * sumA + sumB * sumB
    const covariance = unbiased * (n * sumAB - means)
    const variances = unbiased * (n * sumSquares - squares)
    total += ((2 * means + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2))
  }
  return total
}
