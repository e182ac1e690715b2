/** The numbers of bit planes that plane-coder.wasm is compiled with. */

/** Magnitudes stay below 2^MAX_PLANES units. */
export const MAX_PLANES = 13
/** Groups of channels (plane-groups.ts). */
export const GROUP_COUNT = 9
/** Classes of how much a block varies across, times those of down. */
export const ORIENTATIONS = 36
/** A bit's probability is counted in 2^14ths. */
export const PROBABILITY_BITS = 14
/** In 16ths of a nat: sums beyond this count as it. */
export const MOST_LOG_ODDS = 160
/** Transforms that a block can have: transforms.ts. On the lowest level all have the first. */
export const TRANSFORM_COUNT = 5
/** Of a block in which nothing was found yet. */
export const UNDECIDED = 255
/** Classes of how slanted the known picture's edges are in a block: activity.ts. */
export const SLANTS = 5
/** Latents of a block. */
export const CHANNEL_COUNT = 192
