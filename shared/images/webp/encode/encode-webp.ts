import { wholeAlpha } from './alpha.ts'
import { encodeFrame } from './frame.ts'
import { neighbours } from './predict.ts'

/** rgba: [height, width, 4], sides of at most 16,383. quantizer: 0 (fine) to 127 (coarse). */
export const encodeWebp = (
  rgba: ArrayLike<number>,
  width: number,
  height: number,
  quantizer: number,
): Uint8Array<ArrayBuffer> => encodeFrame(neighbours, rgba, width, height, quantizer, wholeAlpha)
