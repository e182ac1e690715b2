/** Blocks as 2 x 2 cells, without their list of 64 coefficients: only those that were found in the file are summed. */

import type { Plane } from '../jpeg-plane.ts'
import { ACROSS, BOTH, DOWN, QUARTER_MEANS, writeFourCells } from './jpeg-cells.ts'

/** By zigzag index: which of three sums a coefficient belongs to (how cells differ across, down, and both); 3 if none. */
export const SUM_OF = new Uint8Array(64).fill(3)
for (const [sum, indices] of [ACROSS, DOWN, BOTH].entries()) for (const k of indices) SUM_OF[k] = sum
const sums = new Float64Array(4)

/** found: see ScanBits.coefficients(). The same cells as from writeCells() with n = 2. */
export function writeFoundQuarters(
  dc: number,
  found: Int32Array,
  count: number,
  plane: Plane,
  at: number,
): void {
  const { quantization, cells, stride } = plane
  sums[0] = sums[1] = sums[2] = 0
  for (let i = 0; i < count; i++) {
    const k = found[i] & 63
    sums[SUM_OF[k]] += (found[i] >> 6) * quantization[k] * QUARTER_MEANS[k]
  }
  const mean = ((dc | 0) * quantization[0]) / 8
  writeFourCells(mean, sums[0], sums[1], sums[2], cells, at, stride)
}
