/** Fills bytes with noise, the same at every call: the high bytes of a linear congruential generator. */
export function fillWithNoise(bytes: Uint8Array): void {
  for (let i = 0, state = 1; i < bytes.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 24
  }
}
