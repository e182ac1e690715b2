/**
 * What is known around a latent, as the weights whose sum is the log odds of its next bit: how large its neighbours in
 * the same channel are, its partners (the channels that most resemble its own), the group's other channels, lower and
 * higher groups in the same block, the group in the blocks around, and how much the known picture varies there. Sizes are
 * counted in planes: 1 for a latent that reached the present plane, 2 and 3 for one that was there before.
 */
import { CHANNELS } from '../../grid-shape'
import { GROUP_COUNT, MAX_PLANES, MOST_LOG_ODDS, ORIENTATIONS, UNDECIDED, VARIATIONS } from '../plane-shape'
import { code } from './bits'
import { note, recordBit, recording, weights } from './recorder'

// Addresses of the tables in context-tables.ts, by their names there: of the level's kind, but for `stop`.
export let base: usize = 0
export let neighbours: usize = 0
export let partners: usize = 0
export let orientation: usize = 0
export let own: usize = 0
export let lower: usize = 0
export let higher: usize = 0
export let around: usize = 0
export let activity: usize = 0
export let remaining: usize = 0
export let anyBase: usize = 0
export let anyLower: usize = 0
export let anyHigher: usize = 0
export let anyAround: usize = 0
export let anyEverything: usize = 0
export let anyActivity: usize = 0
export let refinement: usize = 0
export let stop: usize = 0

/** u8 [channel][2], of the level's kind */
export let partnersOf: usize = 0
/** u8 [channel] */
export let groupOf: usize = 0
/** u8 [256]: a count in 8 classes of growing width. */
export let class8: usize = 0
/** u8 [37]: 2 * (beside + above and below) + diagonals in 10 classes. */
export let class10: usize = 0
/** u16 [2 * MOST_LOG_ODDS + 1] */
export let probabilities: usize = 0

// Of the level. Positions are blocks of a plane with a border of one block.
export let blocksWide: i32 = 0
/** Positions of a plane. */
export let size: i32 = 0
/** u8 [channel][position]: 0 to 3 */
export let sizes: usize = 0
/** u16 [group][position]: the sizes' sum */
export let energies: usize = 0
/** u16 [position]: of all groups */
export let totals: usize = 0
/** u8 [block]: of activityOf() */
export let overallOf: usize = 0
/** u8 [block]: of activityOf() */
export let orientationOf: usize = 0
/** u8 [position]: each block's transform, or UNDECIDED */
export let transforms: usize = 0
/** u8 [block]: of activityOf() */
export let slantOf: usize = 0
/** u32 [found]: places in `sizes` that are not 0 */
export let significant: usize = 0
export let found: i32 = 0

export let plane: i32 = 0
/** The transform that is the transposed one of the one before. */
const DOWN: i32 = 2
// Of the current block.
export let position: i32 = 0
/** The group and the first channel, among those of the level's kinds. */
export let groupNow: i32 = 0
let firstChannel: i32 = 0
let orientationNow: i32 = 0
let ownEnergy: usize = 0
let total: usize = 0
let lowerAt: i32 = 0
let higherAt: i32 = 0
let aroundAt: i32 = 0
let activityAt: i32 = 0
let blockSum: i32 = 0

function classOf(n: i32): i32 {
  return load<u8>(class8 + min(n, 255))
}
export function weight(at: usize): i32 {
  return load<i8>(at)
}
function energyAt(group: i32): usize {
  return energies + ((group * size + position) << 1)
}
function rowLength(): i32 {
  return blocksWide + 2
}

export function codeSum(bit: i32, sum: i32): i32 {
  const logOdds = max(-MOST_LOG_ODDS, min(MOST_LOG_ODDS, sum))
  return code(bit, load<u16>(probabilities + ((logOdds + MOST_LOG_ODDS) << 1)))
}

function increment(at: usize): void {
  store<u16>(at, load<u16>(at) + 1)
}

/** Latents that were there before count as one plane larger. */
export function startPlane(next: i32): void {
  plane = next
  for (let i = 0; i < found; i++) {
    const at = load<u32>(significant + (i << 2))
    const before = load<u8>(sizes + at)
    if (before === 3) continue
    store<u8>(sizes + at, before + 1)
    const channel = at / size
    const place = at - channel * size
    increment(energies + ((load<u8>(groupOf + channel) * size + place) << 1))
    increment(totals + (place << 1))
  }
}

/** Whether a level ends before a segment. */
export function codeStop(bit: i32): i32 {
  const at = stop + plane
  if (recording) {
    note(0, at)
    recordBit(bit, 1)
  }
  return codeSum(bit, weight(at))
}

/** The sizes' sum of the group in this block: 0 if nothing has been found in it. */
export function startBlock(group: i32, block: i32): i32 {
  const row = block / blocksWide
  position = (row + 1) * rowLength() + (block - row * blocksWide) + 1
  const transform: i32 = load<u8>(transforms + position)
  const kind = transform === UNDECIDED ? 0 : (transform + 1) >> 1
  groupNow = group + kind * GROUP_COUNT
  firstChannel = kind * CHANNELS
  let below = 0
  for (let g = 0; g < group; g++) below += load<u16>(energyAt(g))
  ownEnergy = energyAt(group)
  total = totals + (position << 1)
  const above = load<u16>(total) - below - load<u16>(ownEnergy)
  const table = groupNow << 3
  lowerAt = table + classOf(below)
  higherAt = table + classOf(above)
  aroundAt = table + classOf(aroundOf(ownEnergy))
  activityAt = table + load<u8>(overallOf + block)
  const seen: i32 = load<u8>(orientationOf + block)
  orientationNow = transform === DOWN ? (seen % VARIATIONS) * VARIATIONS + seen / VARIATIONS : seen
  blockSum =
    weight(lower + lowerAt) +
    weight(higher + higherAt) +
    weight(around + aroundAt) +
    weight(activity + activityAt)
  return load<u16>(ownEnergy)
}

function aroundOf(energy: usize): i32 {
  const row = rowLength() << 1
  const up = energy - row
  const down = energy + row
  const sides = load<u16>(energy - 2) + load<u16>(energy + 2) + load<u16>(up) + load<u16>(down)
  const corners = load<u16>(up - 2) + load<u16>(up + 2) + load<u16>(down - 2) + load<u16>(down + 2)
  return sides + (corners >> 1)
}

/** Whether a block in whose group nothing was found has something at this plane. */
export function codeAny(bit: i32): i32 {
  const everything = aroundOf(total)
  const base = anyBase + (groupNow * MAX_PLANES + plane)
  const all = anyEverything + ((groupNow << 3) + classOf(everything >> 1))
  if (recording) {
    note(0, base)
    note(1, anyLower + lowerAt)
    note(2, anyHigher + higherAt)
    note(3, anyAround + aroundAt)
    note(4, all)
    note(5, anyActivity + activityAt)
    recordBit(bit, 6)
  }
  const ofBlock = weight(anyLower + lowerAt) + weight(anyHigher + higherAt) + weight(anyAround + aroundAt)
  return codeSum(bit, weight(base) + weight(all) + ofBlock + weight(anyActivity + activityAt))
}

/** unfound: in a group where there is something, and nothing yet; how many channels are left, this one included. */
export function codeSignificance(bit: i32, channel: i32, unfound: i32): i32 {
  const at = sizes + (channel * size + position)
  const up = at - rowLength()
  const down = at + rowLength()
  const sides = load<u8>(at - 1) + load<u8>(at + 1) + load<u8>(up) + load<u8>(down)
  const corners = load<u8>(up - 1) + load<u8>(up + 1) + load<u8>(down - 1) + load<u8>(down + 1)
  const ownChannel = firstChannel + channel
  const one: i32 = load<u8>(partnersOf + (ownChannel << 1))
  const other: i32 = load<u8>(partnersOf + (ownChannel << 1) + 1)
  const beside = load<u8>(sizes + (one * size + position)) + load<u8>(sizes + (other * size + position))
  const ofPlane = base + (ownChannel * MAX_PLANES + plane)
  const ofNeighbours = neighbours + (ownChannel * 10 + load<u8>(class10 + (2 * sides + corners)))
  const ofPartners = partners + (ownChannel * 7 + beside)
  const ofOrientation = orientation + (ownChannel * ORIENTATIONS + orientationNow)
  const ofGroup = own + ((groupNow << 3) + classOf(load<u16>(ownEnergy)))
  const ofRest = unfound > 0 ? remaining + ((groupNow << 3) + classOf(unfound - 1)) : weights
  if (recording) {
    note(0, ofPlane)
    note(1, ofNeighbours)
    note(2, ofPartners)
    note(3, ofOrientation)
    note(4, ofGroup)
    note(5, ofRest)
    note(6, lower + lowerAt)
    note(7, higher + higherAt)
    note(8, around + aroundAt)
    note(9, activity + activityAt)
    recordBit(bit, 10)
  }
  const ofChannel = weight(ofPlane) + weight(ofNeighbours) + weight(ofPartners) + weight(ofOrientation)
  return codeSum(bit, ofChannel + weight(ofGroup) + weight(ofRest) + blockSum)
}

export function codeRefinement(bit: i32, channel: i32): i32 {
  const at = refinement + ((groupNow << 2) + load<u8>(sizes + (channel * size + position)))
  if (recording) {
    note(0, at)
    recordBit(bit, 1)
  }
  return codeSum(bit, weight(at))
}

export function becomesSignificant(channel: i32): void {
  const at = channel * size + position
  store<u8>(sizes + at, 1)
  increment(ownEnergy)
  increment(total)
  store<u32>(significant + (found++ << 2), at)
}
