/** Channels of the networks' layers. */
export const ENCODER = { fine: 48, mid: 96, deep: 192 }
export const DECODER = { first: 128, eighth: 40, quarter: 24 }
