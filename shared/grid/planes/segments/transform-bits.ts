/**
 * Which transform a block has: four bits at most, coded when something is first found in it. Is it the plain one? If not, is it
 * for diagonal edges? And which of the two that are left?
 */
import { GROUP_COUNT, MAX_PLANES, ORIENTATIONS, SLANTS, UNDECIDED } from '../plane-shape'
import { ended } from './bits'
import {
  blocksWide,
  codeSum,
  groupNow,
  orientationOf,
  plane,
  position,
  slantOf,
  transforms,
  weight,
} from './contexts'
import { note, recordBit, recording } from './recorder'

// Addresses of the tables in context-tables.ts, by their names there.
export let transformPlane: usize = 0
export let transformGroup: usize = 0
export let transformOrientation: usize = 0
export let transformSlant: usize = 0
export let transformAround: usize = 0

export function isUndecided(): bool {
  return load<u8>(transforms + position) === UNDECIDED
}

/** Leaves it in `transforms`. */
export function codeTransform(source: i32, block: i32): void {
  let transform = 0
  if (codeBit(0, source > 0 ? 1 : 0, block)) {
    const diagonal = codeBit(1, source > 2 ? 1 : 0, block)
    const second = codeBit(2 + diagonal, (source - 1) & 1, block)
    transform = 1 + 2 * diagonal + second
  }
  if (!ended) store<u8>(transforms + position, transform)
}

function codeBit(which: i32, bit: i32, block: i32): i32 {
  const ofPlane = transformPlane + (which * MAX_PLANES + plane)
  const ofGroup = transformGroup + (which * GROUP_COUNT + groupNow)
  const ofOrientation = transformOrientation + (which * ORIENTATIONS + load<u8>(orientationOf + block))
  const ofSlant = transformSlant + (which * SLANTS + load<u8>(slantOf + block))
  const ofOthers = transformAround + (which * 9 + 4 + around(which))
  if (recording) {
    note(0, ofPlane)
    note(1, ofGroup)
    note(2, ofOrientation)
    note(3, ofSlant)
    note(4, ofOthers)
    recordBit(bit, 5)
  }
  const ofPlace = weight(ofPlane) + weight(ofGroup) + weight(ofOthers)
  return codeSum(bit, ofPlace + weight(ofOrientation) + weight(ofSlant))
}

/** Of the four blocks beside: in how many the bit was 1, less in how many it was 0. */
function around(which: i32): i32 {
  const at = transforms + position
  const row = blocksWide + 2
  return vote(which, at - 1) + vote(which, at + 1) + vote(which, at - row) + vote(which, at + row)
}

function vote(which: i32, at: usize): i32 {
  const transform: i32 = load<u8>(at)
  if (transform === UNDECIDED) return 0
  if (which === 0) return transform > 0 ? 1 : -1
  if (transform === 0) return 0
  const diagonal = transform > 2 ? 1 : 0
  if (which === 1) return 2 * diagonal - 1
  return diagonal === which - 2 ? 2 * ((transform - 1) & 1) - 1 : 0
}
