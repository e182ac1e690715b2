/** How a block's coefficients add up to its cells, for jpeg-scan.wat: see its memory. */

import { type CellsPerSide, MEANS_OF_4, QUARTER_MEANS } from '../cells/jpeg-cells.ts'
import { ZIGZAG } from '../cells/jpeg-idct.ts'
import { SUM_OF } from '../cells/jpeg-quarters.ts'

const WEIGHTS_AT = 64
const ROWS_AT = 1600

export function writeWeights(memory: ArrayBuffer, n: CellsPerSide): void {
  const sums = new Uint8Array(memory, 0, 64)
  const weights = new Float64Array(memory, WEIGHTS_AT, 128) // [64, 2]
  if (n === 8) sums.set(ZIGZAG)
  else if (n === 4) writeForSixteen(memory, sums, weights)
  else {
    weights.fill(0)
    for (let k = 0; k < 64; k++) {
      sums[k] = SUM_OF[k] >> 1
      if (n === 2 && SUM_OF[k] < 3) weights[2 * k + (SUM_OF[k] & 1)] = QUARTER_MEANS[k]
    }
  }
}

/** Pairs: for each column, flat and even, then outer and inner. */
function writeForSixteen(memory: ArrayBuffer, sums: Uint8Array, weights: Float64Array): void {
  for (let k = 0; k < 64; k++) {
    const u = ZIGZAG[k] & 7
    const v = ZIGZAG[k] >> 3
    sums[k] = 2 * u + (v & 1)
    weights[2 * k] = v === 0 || v & 1 ? MEANS_OF_4[v] : 0
    weights[2 * k + 1] = v === 0 ? 0 : MEANS_OF_4[v & 1 ? 8 + v : v]
  }
  const rows = new Float64Array(memory, ROWS_AT, 16) // [4, 4]: flat, even, outer, inner for each pair of frequencies
  for (let i = 0; i < 4; i++) {
    const even = i === 2 ? 0 : MEANS_OF_4[2 * i] // frequency 4 is zero in every cell
    rows.set(
      [i === 0 ? even : 0, i === 0 ? 0 : even, MEANS_OF_4[2 * i + 1], MEANS_OF_4[8 + 2 * i + 1]],
      4 * i,
    )
  }
}
