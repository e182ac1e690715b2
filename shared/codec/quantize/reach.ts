/**
 * A preview's symbols reach only so far from zero (shared/preview/symbols.ts). Photographs stay within that reach; an
 * image of one saturated colour may not.
 */
import type { Level } from '../../manifest.ts'
import type { SymbolTables } from '../entropy/symbols.ts'

/** The latent, clamped to a component's reach. */
export function withinReach(
  latent: Float32Array,
  { steps }: Level,
  tables: SymbolTables,
  component: number,
): Float32Array {
  if (!tables.reach) return latent
  return latent.map((value, d) => {
    const most = tables.reach!(component, d) * steps[d]
    return Math.max(-most, Math.min(most, value))
  })
}

/** The distortion of clamping it, in bits. */
export function beyondBits(
  latent: Float32Array,
  { steps, distortionBits }: Level,
  tables: SymbolTables,
  component: number,
): number {
  if (!tables.reach) return 0
  let bits = 0
  for (let d = 0; d < latent.length; d++) {
    const beyond = Math.abs(latent[d] / steps[d]) - tables.reach(component, d)
    if (beyond > 0) bits += distortionBits[d] * beyond * beyond
  }
  return bits
}

/** No component reaches as far. For photographs the first one nearly always does. */
export function isBeyondReach(latent: Float32Array, level: Level, tables: SymbolTables): boolean {
  for (let component = 0; component < tables.components; component++)
    if (beyondBits(latent, level, tables, component) === 0) return false
  return true
}

/** This level if it reaches as far as the latent, otherwise the finest coarser one that does; the coarsest if no level does. */
export function levelWithinReach(
  latent: Float32Array,
  level: number,
  levels: Level[],
  tablesOf: (level: number) => SymbolTables,
): number {
  let reaching = level
  while (reaching > 0 && isBeyondReach(latent, levels[reaching], tablesOf(reaching))) reaching--
  return reaching
}

/** The component that clamps the latent least. */
export function farthestReaching(latent: Float32Array, level: Level, tables: SymbolTables): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let component = 0; component < tables.components; component++) {
    const bits = beyondBits(latent, level, tables, component)
    if (bits >= least) continue
    least = bits
    best = component
  }
  return best
}
