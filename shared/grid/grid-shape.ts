/** The shape of the grid codec: 192 numbers, three layers of 64, for each block of 16 x 16 pixels. */

export const BLOCK = 16
export const CHANNELS = 192
/** A level's known picture has this part of its width and height. */
export const PYRAMID = 4
/** Samples of a block, and of its place in the known picture. */
export const BLOCK_SAMPLES = BLOCK * BLOCK * 3
export const KNOWN_SAMPLES = BLOCK_SAMPLES / (PYRAMID * PYRAMID)
