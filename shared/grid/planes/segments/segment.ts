/**
 * The innermost part of planes.ts, compiled to plane-coder.wasm by AssemblyScript: codes one group of channels in one bit
 * plane of all blocks. One function codes both ways, so both sides see the same contexts.
 */

import { PROBABILITY_BITS } from '../plane-shape'
import { code, decoding, ended } from './bits'
import { becomesSignificant, codeAny, codeRefinement, codeSignificance, startBlock } from './contexts'
import { codeTransform, isUndecided } from './transform-bits'

export * from './bits'
export * from './contexts'
export * from './recorder'
export * from './transform-bits'

const EVEN: u32 = 1 << (PROBABILITY_BITS - 1)

/** Blocks of the level. */
export let count: i32 = 0
/** u8 [group + 1]: channels where the groups start */
export let groupStarts: usize = 0
/** u16 [channel][block]: what the receiver knows of the magnitudes, in units */
export let magnitudes: usize = 0
/** u8 [channel][block] */
export let negative: usize = 0
/** The same of what is to be encoded. */
export let sourceMagnitudes: usize = 0
export let sourceNegative: usize = 0
/** u8 [block] */
export let sourceTransforms: usize = 0

/** After startPlane(plane). Returns how many blocks were coded before the bytes ended: all, if they have not. */
export function codeSegment(plane: i32, group: i32): i32 {
  for (let block = 0; block < count; block++) {
    codeBlock(plane, group, block)
    if (ended) return block
  }
  return count
}

function codeBlock(plane: i32, group: i32, block: i32): void {
  const first: i32 = load<u8>(groupStarts + group)
  const end: i32 = load<u8>(groupStarts + group + 1)
  const quiet = startBlock(group, block) === 0
  if (quiet) {
    const any = codeAny(decoding ? 0 : reaches(first, end, block, plane))
    if (ended || !any) return
    if (isUndecided()) {
      codeTransform(decoding ? 0 : load<u8>(sourceTransforms + block), block)
      if (ended) return
      startBlock(group, block) // among the tables of its kind
    }
  }
  const least = 1 << plane
  let unfound = quiet
  for (let channel = first; channel < end; channel++) {
    const at = channel * count + block
    const known = magnitudes + (at << 1)
    const source: i32 = decoding ? 0 : load<u16>(sourceMagnitudes + (at << 1)) >> plane
    const before: i32 = load<u16>(known)
    if (before !== 0) {
      const bit = codeRefinement(source & 1, channel)
      if (ended) return
      store<u16>(known, before | (bit << plane))
      continue
    }
    // The last of a group in which one must be found needs no bit.
    if (!unfound || channel < end - 1) {
      const found = codeSignificance(source > 0 ? 1 : 0, channel, unfound ? end - channel : 0)
      if (ended) return
      if (!found) continue
    }
    unfound = false
    const sign = code(decoding ? 0 : load<u8>(sourceNegative + at), EVEN)
    if (ended) return
    store<u8>(negative + at, sign)
    store<u16>(known, least)
    becomesSignificant(channel)
  }
}

function reaches(first: i32, end: i32, block: i32, plane: i32): i32 {
  for (let channel = first; channel < end; channel++)
    if (load<u16>(sourceMagnitudes + ((channel * count + block) << 1)) >> plane) return 1
  return 0
}
