/** Channels of the restoration network's layers. */
export const FEATURES = 40
