/** Deterministic inputs on [0, 1], half of them black, as in digits. */
export function noise(length: number): Float32Array {
  let state = 12345
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state > 2 ** 31 ? state / 2 ** 32 : 0
  })
}
