/** The order of bit planes: which channels are coded together. */
import { CHANNELS } from '../grid-shape.ts'

/** The finest quantization step, on samples of [0, 1]. */
export const UNIT = 4 / 255
/** Magnitudes stay below 2^MAX_PLANES units. */
export const MAX_PLANES = 13
/** Channels where the groups start. */
export const GROUPS = [0, 1, 4, 10, 20, 36, 56, 80, 112, CHANNELS]
export const GROUP_COUNT = GROUPS.length - 1
export const GROUP_OF = Uint8Array.from(
  { length: CHANNELS },
  (_, c) => GROUPS.findIndex((start) => c < start) - 1,
)
