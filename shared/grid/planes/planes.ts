/**
 * The symbols of one level as bit planes, in order of importance: an embedded code, any beginning of which is a coarser
 * code. A latent is a magnitude in whole UNITs and a sign. Plane p says, of latents below 2^(p+1), which reach 2^p, and
 * one bit more of those that were there before. Planes go from the highest, and in each the groups of channels from
 * the most important.
 */

import { codeBits } from './bit-coder.ts'
import type { LevelSymbols } from './level-symbols.ts'
import type { PlaneCoder } from './plane-coder.ts'
import { GROUP_COUNT, MAX_PLANES } from './plane-shape.ts'

const TOP_PLANE_BITS = 4

export interface PlaneOptions {
  /** The symbols, when encoding. */
  source?: LevelSymbols
  /** Before which segment a level below others ends; absent for the highest, which has no such bits. */
  stop?: (plane: number, group: number) => boolean
  /** Of an encoder: the last plane. */
  lastPlane?: number
  /** Called after each whole segment. Coding ends if it returns true. */
  segmentEnded?: (plane: number, group: number) => boolean
}

/** Codes the planes of the level that `coder` has started, until the bytes end. `known` takes what the receiver knows. */
export function codePlanes(coder: PlaneCoder, known: LevelSymbols, options: PlaneOptions): void {
  codeSegments(coder, known, options)
  coder.readInto(known)
}

function codeSegments(
  coder: PlaneCoder,
  known: LevelSymbols,
  { source, stop, lastPlane = 0, segmentEnded }: PlaneOptions,
): void {
  const top = codeBits(coder, source?.topPlane ?? 0, TOP_PLANE_BITS)
  for (let plane = Math.min(top, MAX_PLANES - 1); plane >= lastPlane && !coder.ended; plane--) {
    coder.startPlane(plane)
    for (let group = 0; group < GROUP_COUNT; group++) {
      const stops = stop !== undefined && coder.codeStop(stop(plane, group))
      if (stops || coder.ended) return
      const block = coder.codeSegment(plane, group)
      if (coder.ended) {
        known.partial = { group, plane, block }
        return
      }
      known.planeOf[group] = plane
      if (segmentEnded?.(plane, group)) return
    }
  }
}
