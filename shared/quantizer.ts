/**
 * Latent -> symbols and back. A symbol is one of the two integers around latent / step: the one whose rate in bits
 * plus its distortion, weighed in bits, is less (rate-distortion optimized quantization). The steps, the weights
 * and the costs are the model's own, so the choice is deterministic; a decoder need not know of it.
 */
import { COST_UNITS_PER_BIT, type LevelTables } from './entropy.ts'
import type { Level } from './manifest.ts'

/** latent [latents] -> symbols [latents] and the component of the entropy model that suits them. */
export function quantize(
  latent: Float32Array,
  { steps, distortionBits }: Level,
  tables: LevelTables,
): { component: number; symbols: Int32Array } {
  const symbols = new Int32Array(steps.length)
  for (let d = 0; d < steps.length; d++) symbols[d] = Math.round(latent[d]! / steps[d]!)
  const component = tables.bestComponent(symbols)
  for (let d = 0; d < steps.length; d++) {
    const position = latent[d]! / steps[d]!
    const weight = distortionBits[d]! * COST_UNITS_PER_BIT
    const below = Math.floor(position)
    const toBelow = position - below
    const toAbove = toBelow - 1
    const costBelow = tables.cost(component, d, below) + weight * (toBelow * toBelow)
    const costAbove = tables.cost(component, d, below + 1) + weight * (toAbove * toAbove)
    symbols[d] = costBelow <= costAbove ? below : below + 1
  }
  return { component: tables.bestComponent(symbols), symbols }
}

/** symbols [latents] -> latent [latents], written to `latent` (which may be the decoder's input). */
export function dequantize(symbols: Int32Array, { steps }: Level, latent: Float32Array): void {
  for (let d = 0; d < steps.length; d++) latent[d] = symbols[d]! * steps[d]!
}
