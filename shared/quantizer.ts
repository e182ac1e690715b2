/**
 * Latent -> symbols and back, by dependent quantization (trellis.ts). Of all paths through the states the one is taken
 * (Viterbi 1967) whose rate in bits plus distortion, weighed in bits, is least. The steps, the weights and the costs
 * are the model's own, so the choice is deterministic; a decoder need not know of it.
 */
import { COST_UNITS_PER_BIT, type LevelTables } from './entropy.ts'
import type { Level } from './manifest.ts'
import { nextState, quantizerOf, STATES, symbolValue } from './trellis.ts'

/**
 * latent [latents] -> symbols [latents] and the component of the entropy model that suits them. `care` makes distortion
 * so many times as heavy as the level has it: less care gives fewer bits.
 */
export function quantize(
  latent: Float32Array,
  level: Level,
  tables: LevelTables,
  care = 1,
): { component: number; symbols: Int32Array } {
  const component = tables.bestComponent(nearestSymbols(latent, level))
  const symbols = bestPath(latent, level, care, tables, component)
  return { component: tables.bestComponent(symbols), symbols }
}

/** latent [latents] -> the symbols of the least distortion, whatever they cost. */
export const nearestSymbols = (latent: Float32Array, level: Level): Int32Array => bestPath(latent, level, 1)

/** symbols [latents] -> latent [latents], written to `latent` (which may be the decoder's input). */
export function dequantize(symbols: Int32Array, { steps }: Level, latent: Float32Array): void {
  let state = 0
  for (let d = 0; d < steps.length; d++) {
    latent[d] = symbolValue(quantizerOf(state), symbols[d]!) * steps[d]!
    state = nextState(state, symbols[d]!)
  }
}

/** Least costs of a dimension's symbols and the symbols themselves: [quantizer * 2 + parity]. */
const branchCosts = new Float64Array(4)
const branchSymbols = new Int32Array(4)

/** Without tables symbols cost nothing. */
function bestPath(
  latent: Float32Array,
  { steps, distortionBits }: Level,
  care: number,
  tables?: LevelTables,
  component = 0,
): Int32Array {
  const dimensions = steps.length
  const symbols = new Int32Array(dimensions * STATES) // [dimension, state reached]
  const previous = new Uint8Array(dimensions * STATES)
  let costs = new Float64Array(STATES).fill(Number.POSITIVE_INFINITY)
  let reached = new Float64Array(STATES)
  costs[0] = 0
  for (let d = 0; d < dimensions; d++) {
    const weight = care * distortionBits[d]! * COST_UNITS_PER_BIT
    weighBranches(d, latent[d]! / steps[d]!, weight, tables, component)
    for (let state = 0; state < STATES; state++) {
      // A state is reached from the two of one quantizer, by an even symbol from one, an odd symbol from the other.
      const first = 2 * (state & 1)
      const parity = state >> 1
      const byFirst = costs[first]! + branchCosts[first + parity]!
      const bySecond = costs[first + 1]! + branchCosts[first + 1 - parity]!
      const isFirst = byFirst <= bySecond
      const at = d * STATES + state
      previous[at] = isFirst ? first : first + 1
      symbols[at] = branchSymbols[isFirst ? first + parity : first + 1 - parity]!
      reached[state] = isFirst ? byFirst : bySecond
    }
    const spent = costs
    costs = reached
    reached = spent
  }
  return trace(symbols, previous, costs.indexOf(Math.min(...costs)), dimensions)
}

function trace(symbols: Int32Array, previous: Uint8Array, last: number, dimensions: number): Int32Array {
  const path = new Int32Array(dimensions)
  for (let d = dimensions - 1, state = last; d >= 0; d--) {
    path[d] = symbols[d * STATES + state]!
    state = previous[d * STATES + state]!
  }
  return path
}

/** For both quantizers, the symbols around a position (in steps): the better even one and the better odd one. */
function weighBranches(
  d: number,
  position: number,
  weight: number,
  tables: LevelTables | undefined,
  component: number,
): void {
  branchCosts.fill(Number.POSITIVE_INFINITY)
  const below = Math.floor(position / 2)
  weigh(d, position, weight, 0, below, tables, component)
  weigh(d, position, weight, 0, below + 1, tables, component)
  const sign = position < 0 ? -1 : 1
  const inner = Math.floor((Math.abs(position) + 1) / 2)
  weigh(d, position, weight, 1, sign * inner, tables, component)
  weigh(d, position, weight, 1, sign * (inner + 1), tables, component)
  if (inner === 1) weigh(d, position, weight, 1, 0, tables, component)
}

function weigh(
  d: number,
  position: number,
  weight: number,
  quantizer: number,
  symbol: number,
  tables: LevelTables | undefined,
  component: number,
): void {
  const distance = position - symbolValue(quantizer, symbol)
  const rate = tables === undefined ? 0 : tables.cost(component, d, quantizer, symbol)
  const total = rate + weight * (distance * distance)
  const branch = 2 * quantizer + (symbol & 1)
  if (total < branchCosts[branch]!) {
    branchCosts[branch] = total
    branchSymbols[branch] = symbol
  }
}
