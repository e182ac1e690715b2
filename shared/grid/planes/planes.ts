/**
 * The symbols of one level as bit planes, in order of importance: an embedded code, any beginning of which is a coarser
 * code. A latent is a magnitude in whole UNITs and a sign. Plane p says, of latents below 2^(p+1), which reach 2^p, and
 * one bit more of those that were there before. Planes go from the highest, and in each the groups of channels from
 * the most important. One function codes both ways (BitCoder), so both sides see the same contexts.
 */

import { CHANNELS } from '../grid-shape.ts'
import { type BitCoder, codeBits, PROBABILITY_BITS } from './bit-coder.ts'
import type { PlaneContexts } from './contexts.ts'
import { GROUP_COUNT, GROUPS, MAX_PLANES } from './plane-groups.ts'

const TOP_PLANE_BITS = 4
const EVEN = 1 << (PROBABILITY_BITS - 1)

export class LevelSymbols {
  readonly blocksWide: number
  readonly blocksHigh: number
  readonly count: number
  /** [channel][block]: magnitude in units; while decoding, as far as it is known. */
  readonly magnitudes: Uint16Array
  readonly negative: Uint8Array
  /** The last plane that is whole, for each group; MAX_PLANES while none is. */
  readonly planeOf = new Uint8Array(GROUP_COUNT).fill(MAX_PLANES)
  /** The segment in which the bytes ended: blocks before this one are at this plane. */
  partial: { group: number; plane: number; block: number } | undefined

  constructor(blocksWide: number, blocksHigh: number) {
    this.blocksWide = blocksWide
    this.blocksHigh = blocksHigh
    this.count = blocksWide * blocksHigh
    this.magnitudes = new Uint16Array(CHANNELS * this.count)
    this.negative = new Uint8Array(CHANNELS * this.count)
  }

  get topPlane(): number {
    let most = 0
    for (const magnitude of this.magnitudes) if (magnitude > most) most = magnitude
    return 31 - Math.clz32(most | 1)
  }
}

/**
 * Codes a level's planes, down to `lastPlane` when encoding; `source` has the symbols when encoding, `known` takes what the receiver
 * knows. `stop`: before which segment a level below others ends; undefined for the highest, which has no such bits.
 * `ended` is called after each whole segment. Ends with EndOfCode when the coder's bytes do.
 */
export function codePlanes(
  coder: BitCoder,
  contexts: PlaneContexts,
  known: LevelSymbols,
  source: LevelSymbols | undefined,
  stop: ((plane: number, group: number) => boolean) | undefined,
  lastPlane = 0,
  ended?: (plane: number, group: number) => void,
): void {
  const top = codeBits(coder, source?.topPlane ?? 0, TOP_PLANE_BITS)
  for (let plane = Math.min(top, MAX_PLANES - 1); plane >= lastPlane; plane--) {
    contexts.startPlane(plane)
    for (let group = 0; group < GROUP_COUNT; group++) {
      if (stop && contexts.codeStop(coder, stop(plane, group))) return
      codeSegment(coder, contexts, known, source, plane, group)
      known.planeOf[group] = plane
      known.partial = undefined
      ended?.(plane, group)
    }
  }
}

function codeSegment(
  coder: BitCoder,
  contexts: PlaneContexts,
  known: LevelSymbols,
  source: LevelSymbols | undefined,
  plane: number,
  group: number,
): void {
  const { count, magnitudes, negative } = known
  const [first, end] = [GROUPS[group], GROUPS[group + 1]]
  const partial = { group, plane, block: 0 }
  known.partial = partial
  for (let block = 0; block < count; block++) {
    partial.block = block
    const quiet = contexts.startBlock(group, block) === 0
    if (quiet) {
      const any = source ? reaches(source, first, end, block, plane) : 0
      if (!contexts.codeAny(coder, any)) continue
    }
    let found = quiet ? 0 : 2
    for (let channel = first; channel < end; channel++) {
      const at = channel * count + block
      if (magnitudes[at] !== 0) {
        const bit = contexts.codeRefinement(
          coder,
          source ? (source.magnitudes[at] >>> plane) & 1 : 0,
          channel,
        )
        magnitudes[at] |= bit << plane
        continue
      }
      const significant = source ? (source.magnitudes[at] >>> plane > 0 ? 1 : 0) : 0
      // The last of a group in which one must be found needs no bit.
      if (found > 0 || channel < end - 1) {
        if (!contexts.codeSignificance(coder, significant, channel, found, end - channel)) continue
      }
      found = 1
      negative[at] = coder.code(source ? source.negative[at] : 0, EVEN)
      magnitudes[at] = 1 << plane
      contexts.becomesSignificant(channel)
    }
  }
  partial.block = count
}

function reaches(
  { magnitudes, count }: LevelSymbols,
  first: number,
  end: number,
  block: number,
  plane: number,
) {
  for (let channel = first; channel < end; channel++)
    if (magnitudes[channel * count + block] >>> plane) return 1
  return 0
}
