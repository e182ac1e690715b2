/**
 * From a block's 64 DCT coefficients to n x n cells, n = 1, 2, 4 or 8. A cell is the exact mean of the samples it
 * covers, which is linear in the coefficients. With n = 8 it is the sample itself, as libjpeg-turbo rounds it; with
 * n = 1 it is the DC coefficient alone, so a photograph shrinks to a thumbnail without being decoded.
 */
import { type WriteBlock, writeSamples, ZIGZAG } from './jpeg-idct.ts'

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

const MEANS_OF_2 = basisMeans(2)
export const MEANS_OF_4 = basisMeans(4)
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
    for (let i = 0; i < n; i++, at += stride) for (let j = 0; j < n; j++) plane[at + j] = value
    return
  }
  const write = n === 8 ? writeSamples : n === 4 ? writeSixteenths : writeQuarters
  write(coefficients, from, lastNonzero, quantization, plane, at, stride)
}

/**
 * For n = 4: first down the block's columns, then across. The upper two of a column's cells are even + odd frequencies, the
 * lower two even - odd. Of the even ones, 4 is zero in every cell, and 2 and 6 differ between two cells only in their sign.
 */
const writeSixteenths: WriteBlock = (coefficients, from, lastNonzero, quantization, plane, at, stride) => {
  columns.fill(0)
  for (let k = 0; k <= lastNonzero; k++) {
    const coefficient = coefficients[from + k]
    if (coefficient === 0) continue
    const index = ZIGZAG[k]
    const v = index >> 3
    const u = index & 7
    const outer = coefficient * quantization[k] * MEANS_OF_4[v]
    if (v & 1) {
      columns[16 + u] += outer
      columns[24 + u] += coefficient * quantization[k] * MEANS_OF_4[8 + v]
    } else columns[(v === 0 ? 0 : 8) + u] += outer
  }
  for (let u = 0; u < 8; u++) {
    const flat = columns[u]
    const even = columns[8 + u]
    const outer = columns[16 + u]
    const inner = columns[24 + u]
    columns[u] = flat + even + outer
    columns[8 + u] = flat - even + inner
    columns[16 + u] = flat - even - inner
    columns[24 + u] = flat + even - outer
  }
  for (let row = 0; row < 32; row += 8, at += stride) writeRow(row, plane, at)
}

const [M0, M1, M2, M3, , M5, M6, M7] = MEANS_OF_4
const [, N1, , N3, , N5, , N7] = MEANS_OF_4.subarray(8)

/** One row of cells, from its frequencies in columns[row ..]. */
function writeRow(row: number, plane: Uint8Array, at: number): void {
  const flat = columns[row] * M0
  const even = columns[row + 2] * M2 + columns[row + 6] * M6
  const c1 = columns[row + 1]
  const c3 = columns[row + 3]
  const c5 = columns[row + 5]
  const c7 = columns[row + 7]
  const outer = c1 * M1 + c3 * M3 + c5 * M5 + c7 * M7
  const inner = c1 * N1 + c3 * N3 + c5 * N5 + c7 * N7
  plane[at] = toSample(flat + even + outer)
  plane[at + 1] = toSample(flat - even + inner)
  plane[at + 2] = toSample(flat - even - inner)
  plane[at + 3] = toSample(flat + even - outer)
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

const writeQuarters: WriteBlock = (coefficients, from, lastNonzero, quantization, plane, at, stride) => {
  const sum = (indices: Uint8Array) => {
    let total = 0
    for (let i = 0; i < indices.length && indices[i] <= lastNonzero; i++) {
      const k = indices[i]
      total += coefficients[from + k] * quantization[k] * QUARTER_MEANS[k]
    }
    return total
  }
  const mean = (coefficients[from] * quantization[0]) / 8
  writeFourCells(mean, sum(ACROSS), sum(DOWN), sum(BOTH), plane, at, stride)
}

/** 2 x 2 cells, by their mean and by how they differ across, down, and both. */
export function writeFourCells(
  mean: number,
  across: number,
  down: number,
  both: number,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  plane[at] = toSample(mean + across + down + both)
  plane[at + 1] = toSample(mean - across + down - both)
  plane[at + stride] = toSample(mean + across - down - both)
  plane[at + stride + 1] = toSample(mean - across - down + both)
}

function toSample(value: number): number {
  const raised = value + 128.5
  return raised < 0 ? 0 : raised >= 255 ? 255 : raised | 0 // where `|` rounds down
}
