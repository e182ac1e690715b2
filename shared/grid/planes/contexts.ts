/**
 * What is known around a latent, as the weights whose sum is the log odds of its next bit: how large its neighbours in
 * the same channel are, its partners (the channels that most resemble its own), the group's other channels, lower and
 * higher groups in the same block, the group in the blocks around, and how much the known picture varies there. Sizes are
 * counted in planes: 1 for a latent that reached the present plane, 2 and 3 for one that was there before.
 */

import { CHANNELS } from '../grid-shape.ts'
import type { Activity } from './activity.ts'
import type { BitCoder } from './bit-coder.ts'
import { type GridTables, ORIENTATIONS, START } from './context-tables.ts'
import { probabilityOf } from './logit-table.ts'
import { GROUP_COUNT, GROUP_OF, MAX_PLANES } from './plane-groups.ts'

/** Sees every bit with the indices of its weights: what the tables are fitted from. */
export type Recorder = (bit: number, indices: readonly number[]) => void

/** Up to 255, in 8 classes of growing width. */
const CLASS_8 = Uint8Array.from(
  { length: 256 },
  (_, n) => [1, 2, 3, 4, 6, 9, 14].filter((from) => n >= from).length,
)
const classOf = (n: number) => CLASS_8[Math.min(n, 255)]
/** 2 * (beside + above and below) + diagonals, 36 at most, in 10 classes. */
const CLASS_10 = Uint8Array.from(
  { length: 37 },
  (_, n) => [1, 2, 3, 4, 5, 6, 8, 11, 15].filter((from) => n >= from).length,
)

export class PlaneContexts {
  readonly #weights: Int8Array
  readonly #partners: Uint8Array
  readonly #record: Recorder | undefined
  readonly #kind: number
  readonly #row: number // of a plane with a border of one block
  readonly #size: number
  readonly #blocksWide: number
  readonly #sizes: Uint8Array // [channel][position]: 0 to 3
  readonly #energies: Uint16Array // [group][position]: the sizes' sum
  readonly #activity: Activity
  readonly #significant: Uint32Array // channel * size + position
  #found = 0
  #plane = 0
  #position = 0
  #group = 0
  #orientation = 0
  // The current block's own part of the sum, and the indices of its weights.
  #blockSum = 0
  #blockIndices = [0, 0, 0, 0]

  /** activity: of activityOf(). */
  constructor(
    tables: GridTables,
    shape: { blocksWide: number; blocksHigh: number },
    kind: 0 | 1,
    activity: Activity,
    record?: Recorder,
  ) {
    this.#weights = tables.weights
    this.#partners = tables.partners
    this.#record = record
    this.#kind = kind
    this.#blocksWide = shape.blocksWide
    this.#row = shape.blocksWide + 2
    this.#size = this.#row * (shape.blocksHigh + 2)
    this.#sizes = new Uint8Array(CHANNELS * this.#size)
    this.#energies = new Uint16Array(GROUP_COUNT * this.#size)
    this.#significant = new Uint32Array(CHANNELS * shape.blocksWide * shape.blocksHigh)
    this.#activity = activity
  }

  startPlane(plane: number): void {
    this.#plane = plane
    for (let i = 0; i < this.#found; i++) {
      const at = this.#significant[i]
      if (this.#sizes[at] === 3) continue
      this.#sizes[at]++
      this.#energies[this.#energyPosition(at)]++
    }
  }

  #energyPosition(at: number) {
    const channel = Math.floor(at / this.#size)
    return GROUP_OF[channel] * this.#size + (at - channel * this.#size)
  }

  /** Whether a level ends before a segment. */
  codeStop(coder: BitCoder, stop: boolean): boolean {
    return this.#code(coder, stop ? 1 : 0, [START.stop + this.#plane]) === 1
  }

  /** The sizes' sum of the group in this block: 0 if nothing has been found in it. */
  startBlock(group: number, block: number): number {
    const row = Math.floor(block / this.#blocksWide)
    const position = (row + 1) * this.#row + (block - row * this.#blocksWide) + 1
    this.#position = position
    this.#group = group
    let lower = 0
    let higher = 0
    for (let g = 0; g < group; g++) lower += this.#energies[g * this.#size + position]
    for (let g = group + 1; g < GROUP_COUNT; g++) higher += this.#energies[g * this.#size + position]
    const table = (this.#kind * GROUP_COUNT + group) * 8
    const indices = this.#blockIndices
    indices[0] = table + classOf(lower)
    indices[1] = table + classOf(higher)
    indices[2] = table + classOf(this.#around(group * this.#size + position))
    indices[3] = table + this.#activity.overall[block]
    this.#orientation = this.#activity.orientation[block]
    const w = this.#weights
    this.#blockSum =
      w[START.lower + indices[0]] +
      w[START.higher + indices[1]] +
      w[START.around + indices[2]] +
      w[START.activity + indices[3]]
    return this.#energies[group * this.#size + position]
  }

  #around(at: number): number {
    const e = this.#energies
    const row = this.#row
    const sides = e[at - 1] + e[at + 1] + e[at - row] + e[at + row]
    return sides + ((e[at - row - 1] + e[at - row + 1] + e[at + row - 1] + e[at + row + 1]) >> 1)
  }

  /** Whether a block in whose group nothing was found has something at this plane. */
  codeAny(coder: BitCoder, any: number): number {
    let everything = 0
    for (let g = 0; g < GROUP_COUNT; g++) everything += this.#around(g * this.#size + this.#position)
    const table = this.#kind * GROUP_COUNT + this.#group
    const [lower, higher, around, activity] = this.#blockIndices as [number, number, number, number]
    return this.#code(coder, any, [
      START.anyBase + table * MAX_PLANES + this.#plane,
      START.anyLower + lower,
      START.anyHigher + higher,
      START.anyAround + around,
      START.anyEverything + table * 8 + classOf(everything >> 1),
      START.anyActivity + activity,
    ])
  }

  /** found: 0 nothing yet in a group in which there is something, 1 something, 2 a group with something from before. */
  codeSignificance(coder: BitCoder, bit: number, channel: number, found: number, remaining: number): number {
    const w = this.#weights
    const s = this.#sizes
    const row = this.#row
    const position = this.#position
    const at = channel * this.#size + position
    const sides = s[at - 1] + s[at + 1] + s[at - row] + s[at + row]
    const corners = s[at - row - 1] + s[at - row + 1] + s[at + row - 1] + s[at + row + 1]
    const partners =
      s[this.#partners[2 * channel] * this.#size + position] +
      s[this.#partners[2 * channel + 1] * this.#size + position]
    const table = this.#kind * GROUP_COUNT + this.#group
    const base = START.base + (this.#kind * CHANNELS + channel) * MAX_PLANES + this.#plane
    const ofChannel = this.#kind * CHANNELS + channel
    const neighbours = START.neighbours + ofChannel * 10 + CLASS_10[2 * sides + corners]
    const partner = START.partners + ofChannel * 7 + partners
    const orientation = START.orientation + ofChannel * ORIENTATIONS + this.#orientation
    const own = START.own + table * 8 + classOf(this.#energies[this.#group * this.#size + position])
    const left = found === 0 ? START.remaining + table * 8 + classOf(remaining - 1) : 0
    if (this.#record) {
      const [a, b, c, d] = this.#blockIndices as [number, number, number, number]
      const block = [START.lower + a, START.higher + b, START.around + c, START.activity + d]
      this.#record(bit, [base, neighbours, partner, orientation, own, left, ...block])
    }
    const sum = w[base] + w[neighbours] + w[partner] + w[orientation] + w[own] + w[left] + this.#blockSum
    return coder.code(bit, probabilityOf(sum))
  }

  codeRefinement(coder: BitCoder, bit: number, channel: number): number {
    const size = this.#sizes[channel * this.#size + this.#position]
    return this.#code(coder, bit, [START.refinement + (this.#kind * GROUP_COUNT + this.#group) * 4 + size])
  }

  becomesSignificant(channel: number): void {
    const at = channel * this.#size + this.#position
    this.#sizes[at] = 1
    this.#energies[this.#group * this.#size + this.#position]++
    this.#significant[this.#found++] = at
  }

  #code(coder: BitCoder, bit: number, indices: readonly number[]): number {
    this.#record?.(bit, indices)
    let sum = 0
    for (const index of indices) sum += this.#weights[index]
    return coder.code(bit, probabilityOf(sum))
  }
}
