/** A preview's symbols reach only so far (shared/preview/symbols.ts): no photograph lies beyond, a flat green does. */
import type { Level } from '../../manifest.ts'
import type { SymbolTables } from '../entropy/symbols.ts'

/** The latent, brought within a component's reach. */
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

/** The distortion of bringing it there, in bits. */
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

/** No component reaches as far: of photographs nearly always the first one does. */
export function isBeyondReach(latent: Float32Array, level: Level, tables: SymbolTables): boolean {
  for (let component = 0; component < tables.components; component++)
    if (beyondBits(latent, level, tables, component) === 0) return false
  return true
}

/** This level, or the finest coarser one that reaches as far as the latent; the coarsest, if none does. */
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

/** The component that reaches nearest. */
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
