/**
 * The binary range coder of bit-coder.ts, both ways, in 32-bit words. plane-coder.ts hands over the state of a BitEncoder
 * or BitDecoder, and takes it back.
 */
import { PROBABILITY_BITS } from '../plane-shape'

const MIN_RANGE: u32 = 1 << 24

/** Bits are found in the bytes, rather than given. */
export let decoding: bool = false
/** The code. */
export let bytes: usize = 0
/** Decoding: how many bytes there are. Encoding: with more than this, the code is full. */
export let limit: u32 = 0
/** Bytes read or written. */
export let length: u32 = 0
/** Encoding: the interval's low end. Decoding: how far above it the bytes are. */
export let low: u32 = 0
export let range: u32 = 0
/** Decoding: how far above `low` the truth may lie, for the bytes that are missing. */
export let unknown: u32 = 0
/** The bytes do not decide the next bit, or are full: nothing more is coded. */
export let ended: bool = false

/** Returns the bit. one: the probability of a 1, in 2^14ths. */
export function code(bit: i32, one: u32): i32 {
  return decoding ? find(one) : give(bit, one)
}

function give(bit: i32, one: u32): i32 {
  const bound = (range >> PROBABILITY_BITS) * one
  if (bit) range = bound
  else {
    low += bound
    if (low < bound) carry()
    range -= bound
  }
  while (range < MIN_RANGE && !ended) {
    store<u8>(bytes + length++, low >> 24)
    low <<= 8
    range <<= 8
    ended = length > limit
  }
  return bit
}

function carry(): void {
  let at = bytes + length - 1
  while (load<u8>(at) === 255) store<u8>(at--, 0)
  store<u8>(at, load<u8>(at) + 1)
}

function find(one: u32): i32 {
  const bound = (range >> PROBABILITY_BITS) * one
  const bit = low < bound
  if (bit) {
    if (unknown >= bound - low) {
      ended = true
      return 0
    }
    range = bound
  } else {
    low -= bound
    range -= bound
  }
  while (range < MIN_RANGE) {
    range <<= 8
    const missing = length >= limit
    low = (low << 8) | (missing ? 0 : load<u8>(bytes + length++))
    unknown = (unknown << 8) | (missing ? 255 : 0)
  }
  return bit ? 1 : 0
}
