/**
 * From a block's 64 DCT coefficients to n x n cells, n = 1, 2, 4 or 8. A cell is the exact mean of the samples it
 * covers, which is linear in the coefficients. With n = 8 it is the sample itself, as libjpeg-turbo rounds it; with
 * n = 1 it is the DC coefficient alone, so a photograph shrinks to a thumbnail without being decoded.
 */
import { writeSamples, ZIGZAG } from './jpeg-idct.ts'

export type CellsPerSide = 1 | 2 | 4 | 8

/** means[i * 8 + u]: the mean of the DCT's u-th basis function over the i-th of n cells. */
function basisMeans(n: 2 | 4): Float64Array {
  const means = new Float64Array(n * 8)
  const samples = 8 / n
  for (let x = 0; x < 8; x++) {
    for (let u = 0; u < 8; u++) {
      const basis = (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16)
      means[Math.floor(x / samples) * 8 + u] += basis / samples
    }
  }
  return means
}

const [MEANS_OF_2, MEANS_OF_4] = [basisMeans(2), basisMeans(4)]
const columns = new Float64Array(32) // [4, 8]: cells down, frequencies across

/** Writes the cells of one block into a plane, at `at`, rounded and clamped to 8 bits. */
export function writeCells(
  coefficients: ArrayLike<number>, // zigzag order, dequantized by `quantization`
  from: number,
  lastNonzero: number, // zigzag index
  quantization: Uint16Array, // zigzag order
  n: CellsPerSide,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  if (lastNonzero === 0) {
    // always, if n = 1
    const value = toSample((coefficients[from] * quantization[0]) / 8)
    for (let i = 0; i < n; i++) plane.fill(value, at + i * stride, at + i * stride + n)
    return
  }
  const write = n === 8 ? writeSamples : n === 4 ? writeSixteenths : writeQuarters
  write(coefficients, from, lastNonzero, quantization, plane, at, stride)
}

/** For n = 4: first down the block's columns, then across. */
function writeSixteenths(
  coefficients: ArrayLike<number>,
  from: number,
  lastNonzero: number,
  quantization: Uint16Array,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  columns.fill(0)
  for (let k = 0; k <= lastNonzero; k++) {
    const coefficient = coefficients[from + k] * quantization[k]
    if (coefficient === 0) continue
    const u = ZIGZAG[k] & 7
    const v = ZIGZAG[k] >> 3
    for (let i = 0; i < 4; i++) columns[i * 8 + u] += coefficient * MEANS_OF_4[i * 8 + v]
  }
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      let sum = 0
      for (let u = 0; u < 8; u++) sum += columns[i * 8 + u] * MEANS_OF_4[j * 8 + u]
      plane[at + i * stride + j] = toSample(sum)
    }
  }
}

/**
 * For n = 2. Over half a block the means of even frequencies are zero, and those of odd ones are equal except for the
 * sign, so three sums over few coefficients say how the cells differ.
 */
const isOdd = (frequency: number) => frequency % 2 === 1
const odd = (across: boolean, down: boolean) =>
  Uint8Array.from(ZIGZAG.keys()).filter((k) => {
    const [u, v] = [ZIGZAG[k] & 7, ZIGZAG[k] >> 3]
    return (across ? isOdd(u) : u === 0) && (down ? isOdd(v) : v === 0)
  })
export const [ACROSS, DOWN, BOTH] = [odd(true, false), odd(false, true), odd(true, true)] // zigzag indices
export const QUARTER_MEANS = Float64Array.from(
  ZIGZAG,
  (index) => MEANS_OF_2[index & 7] * MEANS_OF_2[index >> 3],
)

function writeQuarters(
  coefficients: ArrayLike<number>,
  from: number,
  lastNonzero: number,
  quantization: Uint16Array,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  const sum = (indices: Uint8Array) => {
    let total = 0
    for (let i = 0; i < indices.length && indices[i] <= lastNonzero; i++) {
      const k = indices[i]
      total += coefficients[from + k] * quantization[k] * QUARTER_MEANS[k]
    }
    return total
  }
  const mean = (coefficients[from] * quantization[0]) / 8
  const [across, down, both] = [sum(ACROSS), sum(DOWN), sum(BOTH)]
  plane[at] = toSample(mean + across + down + both)
  plane[at + 1] = toSample(mean - across + down - both)
  plane[at + stride] = toSample(mean + across - down - both)
  plane[at + stride + 1] = toSample(mean - across - down + both)
}

export function toSample(value: number): number {
  return Math.max(0, Math.min(255, Math.floor(value + 128.5)))
}
