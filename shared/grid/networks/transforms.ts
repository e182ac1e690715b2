/**
 * Transforms of a block. The lowest level has one of its own. Blocks of other levels have one of five: a plain one, one for
 * edges along an axis, as it is and transposed, and one for diagonal edges, as it is and mirrored. The encoder takes the one
 * whose latents beyond a step hold the most.
 */

import { AS_IS, MIRRORED, TRANSPOSED } from './network-shape.ts'

export type View = typeof AS_IS | typeof TRANSPOSED | typeof MIRRORED

export type Matrix = 'lowest' | 'linear' | 'across' | 'diagonal'

export interface Transform {
  /** The layers enc.MATRIX and dec.MATRIX. */
  matrix: Matrix
  view: View
}

/** In the order of their numbers in codes. */
export const TRANSFORMS: readonly Transform[] = [
  { matrix: 'linear', view: AS_IS },
  { matrix: 'across', view: AS_IS },
  { matrix: 'across', view: TRANSPOSED },
  { matrix: 'diagonal', view: AS_IS },
  { matrix: 'diagonal', view: MIRRORED },
]
export const LOWEST: readonly Transform[] = [{ matrix: 'lowest', view: AS_IS }]
