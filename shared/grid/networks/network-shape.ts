/** Grey, in 64ths of a level: what networks are given has it taken off. */
export const GREY = 8160
