/** The order of bit planes: which channels are coded together. */
import { CHANNELS } from '../grid-shape.ts'

/** The finest quantization step, on samples of [0, 1]. */
export const UNIT = 4 / 255
/** Channels where the groups start, GROUP_COUNT of them, and where the last one ends. */
export const GROUPS = [0, 1, 4, 10, 20, 36, 56, 80, 112, CHANNELS]
export const GROUP_OF = Uint8Array.from(
  { length: CHANNELS },
  (_, c) => GROUPS.findIndex((start) => c < start) - 1,
)
