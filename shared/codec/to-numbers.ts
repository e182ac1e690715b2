/** For JSON. A loop is nine times as fast as Array.from(), which calls an iterator for each value. */
export function toNumbers(values: Float32Array | Uint8Array): number[] {
  const numbers = new Array<number>(values.length)
  for (let i = 0; i < values.length; i++) numbers[i] = values[i]
  return numbers
}
