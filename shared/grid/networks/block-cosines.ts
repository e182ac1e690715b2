/** Blocks of 16 x 16 x 3 as sums of cosines: what dec.linear's rows are nearly, so few of their coefficients are not zero. */
import { BLOCK, BLOCK_SAMPLES } from '../grid-shape.ts'

/** Cosines are whole 1024ths, so every sum below is a whole number under 2^53: exact in any order. */
const ONE = 1024

/** [frequency][position] */
const basis = (size: number): number[][] =>
  Array.from({ length: size }, (_, u) =>
    Array.from({ length: size }, (_, x) =>
      Math.round(ONE * Math.sqrt((u ? 2 : 1) / size) * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * size))),
    ),
  )

export const SIDE_BASIS = basis(BLOCK)
export const COLOUR_BASIS = basis(3)
/** What blockOf multiplies by. */
export const BLOCK_SCALE = ONE ** 3

/** Coefficients [3][16][16] (colour, down, across) -> block [16][16][3], times BLOCK_SCALE. */
export function blockOf(coefficients: Int32Array): Float64Array {
  const block = new Float64Array(BLOCK_SAMPLES)
  const down = new Float64Array(BLOCK) // of one column of frequencies
  const plane = new Float64Array(BLOCK * BLOCK)
  for (let m = 0; m < 3; m++) {
    plane.fill(0)
    for (let v = 0; v < BLOCK; v++) {
      down.fill(0)
      for (let u = 0; u < BLOCK; u++) {
        const coefficient = coefficients[(m * BLOCK + u) * BLOCK + v]
        if (coefficient !== 0) for (let y = 0; y < BLOCK; y++) down[y] += coefficient * SIDE_BASIS[u][y]
      }
      for (let y = 0; y < BLOCK; y++)
        if (down[y] !== 0) for (let x = 0; x < BLOCK; x++) plane[y * BLOCK + x] += down[y] * SIDE_BASIS[v][x]
    }
    for (let i = 0; i < BLOCK * BLOCK; i++)
      for (let c = 0; c < 3; c++) block[3 * i + c] += plane[i] * COLOUR_BASIS[m][c]
  }
  return block
}

/** Block [16][16][3] -> coefficients [3][16][16], as numbers. */
export function coefficientsOf(block: ArrayLike<number>): Float64Array {
  const coefficients = new Float64Array(BLOCK_SAMPLES)
  for (let m = 0, at = 0; m < 3; m++)
    for (let u = 0; u < BLOCK; u++)
      for (let v = 0; v < BLOCK; v++, at++) {
        let sum = 0
        for (let y = 0; y < BLOCK; y++)
          for (let x = 0; x < BLOCK; x++)
            for (let c = 0; c < 3; c++)
              sum += block[(y * BLOCK + x) * 3 + c] * SIDE_BASIS[u][y] * SIDE_BASIS[v][x] * COLOUR_BASIS[m][c]
        coefficients[at] = sum / BLOCK_SCALE
      }
  return coefficients
}
