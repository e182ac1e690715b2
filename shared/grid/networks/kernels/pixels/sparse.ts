/**
 * What convolve.wat gives for a layer of one tap, by another way: of a block's latent few numbers are not zero, and only
 * those are multiplied. As fast as convolve.wat if none is zero.
 */

/** [pairs]: i16 [2] of the input that are not both zero, and a u32, where their weights are: scratch. */
export let terms: usize = 0

/**
 * An output pixel in blocks of eight outputs, an even number of them. from: i16 [pairs][2]; weights, bias, shift: as
 * convolve.wat has them; offsets: u32 [blocks], of each block from the pixel's place in `to`. Returns whether there is any input.
 */
export function multiplySparse(
  from: usize,
  pairs: i32,
  weights: usize,
  bias: usize,
  shift: i32,
  offsets: usize,
  blocks: i32,
  to: usize,
): bool {
  const end = terms + (findTerms(from, pairs) << 3)
  const blockBytes: usize = pairs << 5
  for (let block = 0; block < blocks; block += 2, weights += 2 * blockBytes, bias += 64) {
    let low0 = v128.load(bias)
    let high0 = v128.load(bias, 16)
    let low1 = v128.load(bias, 32)
    let high1 = v128.load(bias, 48)
    for (let at = terms; at < end; at += 8) {
      const value = v128.load_splat<i32>(at)
      const first = weights + load<u32>(at, 4)
      const second = first + blockBytes
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(value, v128.load(first)))
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(value, v128.load(first, 16)))
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(value, v128.load(second)))
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(value, v128.load(second, 16)))
    }
    v128.store(to + load<u32>(offsets + (block << 2)), narrowed(low0, high0, shift))
    v128.store(to + load<u32>(offsets + (block << 2), 4), narrowed(low1, high1, shift))
  }
  return end > terms
}

function narrowed(low: v128, high: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, shift), i32x4.shr_s(high, shift))
}

/** Returns how many there are. */
function findTerms(from: usize, pairs: i32): i32 {
  let count = 0
  for (let pair = 0; pair < pairs; pair++) {
    const value = load<u32>(from + (pair << 2))
    store<u32>(terms + (count << 3), value)
    store<u32>(terms + (count << 3), pair << 5, 4)
    if (value !== 0) count++
  }
  return count
}
