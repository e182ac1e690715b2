/** The numbers of networks that pixels.wasm is compiled with. */

/** Grey, in 64ths of a level: what networks are given has it taken off. */
export const GREY = 8160
/** How a transform sees a block: as it is, with rows and columns exchanged, or with its columns in reverse. */
export const AS_IS = 0
export const TRANSPOSED = 1
export const MIRRORED = 2
