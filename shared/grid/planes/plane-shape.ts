/** The numbers of bit planes that plane-coder.wasm is compiled with. */

/** Magnitudes stay below 2^MAX_PLANES units. */
export const MAX_PLANES = 13
/** Groups of channels (plane-groups.ts). */
export const GROUP_COUNT = 9
/** Classes of how much the known picture varies across in a block, and as many of down: activity.ts. */
export const VARIATIONS = 6
export const ORIENTATIONS = VARIATIONS * VARIATIONS
/** A bit's probability is counted in 2^14ths. */
export const PROBABILITY_BITS = 14
/** In 16ths of a nat: sums beyond this count as it. */
export const MOST_LOG_ODDS = 160
/** Of a block in which nothing was found yet. */
export const UNDECIDED = 255
/** Classes of how slanted the known picture's edges are in a block: activity.ts. */
export const SLANTS = 5
