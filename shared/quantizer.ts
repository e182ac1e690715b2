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
 * so many times as heavy as the level has it: less care gives fewer bits. `symbols` is where they are written.
 */
export function quantize(
  latent: Float32Array,
  level: Level,
  tables: LevelTables,
  care = 1,
  symbols: Int32Array = new Int32Array(level.steps.length),
): { component: number; symbols: Int32Array } {
  roundEach(latent, level, symbols)
  bestPath(latent, level, care, tables, tables.bestComponent(symbols), symbols)
  return { component: tables.bestComponent(symbols), symbols }
}

/** To each dimension the nearest symbol of the quantizer whose turn it is: good enough to tell the component by. */
function roundEach(latent: Float32Array, { steps }: Level, symbols: Int32Array): void {
  let state = 0
  for (let d = 0; d < steps.length; d++) {
    const position = latent[d]! / steps[d]!
    symbols[d] = quantizerOf(state) === 0 ? Math.round(position / 2) : roundOdd(position)
    state = nextState(state, symbols[d]!)
  }
}

/** The second quantizer's: odd multiples and zero. */
function roundOdd(position: number): number {
  if (Math.abs(position) < 0.5) return 0
  return position < 0 ? -Math.round((1 - position) / 2) : Math.round((1 + position) / 2)
}

/** latent [latents] -> the symbols of the least distortion, whatever they cost. */
export function nearestSymbols(latent: Float32Array, level: Level): Int32Array {
  const symbols = new Int32Array(level.steps.length)
  bestPath(latent, level, 1, undefined, 0, symbols)
  return symbols
}

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

/** The paths searched last, kept for the next: memory outside V8's heap is dear. [dimension, state reached] */
let pathSymbols = new Int32Array(0)
let pathStates = new Uint8Array(0) // the states before
const costs = new Float64Array(STATES)

/** The best path's symbols, written to `path`. Without tables symbols cost nothing. */
function bestPath(
  latent: Float32Array,
  { steps, distortionBits }: Level,
  care: number,
  tables: LevelTables | undefined,
  component: number,
  path: Int32Array,
): void {
  const dimensions = steps.length
  if (pathStates.length < dimensions * STATES) {
    pathSymbols = new Int32Array(dimensions * STATES)
    pathStates = new Uint8Array(dimensions * STATES)
  }
  costs.fill(Number.POSITIVE_INFINITY)
  costs[0] = 0
  for (let d = 0; d < dimensions; d++) {
    const weight = care * distortionBits[d]! * COST_UNITS_PER_BIT
    weighBranches(d, latent[d]! / steps[d]!, weight, tables, component)
    const [zero, one, two, three] = [costs[0]!, costs[1]!, costs[2]!, costs[3]!]
    reach(d, 0, 0, zero, 0, one, 1)
    reach(d, 1, 2, two, 2, three, 3)
    reach(d, 2, 0, zero, 1, one, 0)
    reach(d, 3, 2, two, 3, three, 2)
  }
  trace(dimensions, path)
}

/** A state is reached from the two of one quantizer, by an even symbol from one, an odd symbol from the other. */
function reach(
  d: number,
  state: number,
  first: number,
  firstCost: number,
  firstBranch: number,
  secondCost: number,
  secondBranch: number,
): void {
  const byFirst = firstCost + branchCosts[firstBranch]!
  const bySecond = secondCost + branchCosts[secondBranch]!
  const isFirst = byFirst <= bySecond
  costs[state] = isFirst ? byFirst : bySecond
  pathStates[d * STATES + state] = isFirst ? first : first + 1
  pathSymbols[d * STATES + state] = branchSymbols[isFirst ? firstBranch : secondBranch]!
}

function trace(dimensions: number, path: Int32Array): void {
  let state = 0
  for (let other = 1; other < STATES; other++) if (costs[other]! < costs[state]!) state = other
  for (let d = dimensions - 1; d >= 0; d--) {
    path[d] = pathSymbols[d * STATES + state]!
    state = pathStates[d * STATES + state]!
  }
}

/**
 * For both quantizers the symbols around a position (in steps): of two neighbours one is even and one odd. Of the
 * second quantizer zero is a neighbour of 1 and of -1, where it competes with 2 and with -2.
 */
function weighBranches(
  d: number,
  position: number,
  weight: number,
  tables: LevelTables | undefined,
  component: number,
): void {
  const below = Math.floor(position / 2) | 0 // integers in the engine's eyes too: twice as fast
  weigh(d, position, weight, 0, below, tables, component)
  weigh(d, position, weight, 0, below + 1, tables, component)
  const sign = position < 0 ? -1 : 1
  const inner = ((sign * position + 1) / 2) | 0
  weigh(d, position, weight, 1, (sign * inner) | 0, tables, component)
  weigh(d, position, weight, 1, (sign * (inner + 1)) | 0, tables, component)
  if (inner !== 1) return
  const [otherCost, other] = [branchCosts[2]!, branchSymbols[2]!]
  weigh(d, position, weight, 1, 0, tables, component)
  if (branchCosts[2]! < otherCost) return
  branchCosts[2] = otherCost
  branchSymbols[2] = other
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
  const branch = 2 * quantizer + (symbol & 1)
  branchCosts[branch] = rate + weight * (distance * distance)
  branchSymbols[branch] = symbol
}
