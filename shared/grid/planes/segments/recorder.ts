/** Bits with the indices of their weights: what the tables are fitted from. */

/** A weight that is always 0; indices of weights count from here. */
export let weights: usize = 0
/** Every bit is recorded. */
export let recording: bool = false
/** i32 [10] */
export let indices: usize = 0
declare function record(bit: i32, count: i32): void

/** The next bit's weights, by their places. */
export function note(place: i32, weight: usize): void {
  store<i32>(indices + (place << 2), i32(weight - weights))
}

export function recordBit(bit: i32, count: i32): void {
  record(bit, count)
}
