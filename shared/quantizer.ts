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

/**
 * The search's own memory, kept for the next: outside V8's heap it is dear. Between the functions below numbers with
 * fractions go through it and not as arguments, for which V8 would make an object each: 8 KB an image.
 */
let positions = new Float64Array(0) // of the latents, in steps
let weights = new Float64Array(0) // of a squared step, in costs
let pathSymbols = new Int32Array(0) // [dimension, state reached]
let pathStates = new Uint8Array(0) // the states before; [dimension, state reached]
const branchCosts = new Float64Array(4) // [quantizer * 2 + parity]
const branchSymbols = new Int32Array(4)
const costs = new Float64Array(STATES)
const costsBefore = new Float64Array(STATES)

function makeRoom(dimensions: number): void {
  if (positions.length >= dimensions) return
  positions = new Float64Array(dimensions)
  weights = new Float64Array(dimensions)
  pathSymbols = new Int32Array(dimensions * STATES)
  pathStates = new Uint8Array(dimensions * STATES)
}

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
  makeRoom(dimensions)
  costs.fill(Number.POSITIVE_INFINITY)
  costs[0] = 0
  for (let d = 0; d < dimensions; d++) {
    positions[d] = latent[d]! / steps[d]!
    weights[d] = care * distortionBits[d]! * COST_UNITS_PER_BIT
    weighBranches(d, tables, component)
    for (let state = 0; state < STATES; state++) costsBefore[state] = costs[state]!
    reach(d, 0, 0, 0, 1)
    reach(d, 1, 2, 2, 3)
    reach(d, 2, 0, 1, 0)
    reach(d, 3, 2, 3, 2)
  }
  trace(dimensions, path)
}

/** A state is reached from two neighbours, by a symbol of one parity from the first, of the other from the second. */
function reach(d: number, state: number, first: number, firstBranch: number, secondBranch: number): void {
  const byFirst = costsBefore[first]! + branchCosts[firstBranch]!
  const bySecond = costsBefore[first + 1]! + branchCosts[secondBranch]!
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
 * For both quantizers the symbols around a position: of two neighbours one is even and one odd. Of the second quantizer
 * zero is a neighbour of 1 and of -1, where it competes with 2 and with -2.
 */
function weighBranches(d: number, tables: LevelTables | undefined, component: number): void {
  const position = positions[d]!
  const below = Math.floor(position / 2) | 0 // integers in the engine's eyes too: twice as fast
  weigh(d, 0, below, tables, component)
  weigh(d, 0, below + 1, tables, component)
  const sign = position < 0 ? -1 : 1
  const inner = ((sign * position + 1) / 2) | 0
  weigh(d, 1, (sign * inner) | 0, tables, component)
  weigh(d, 1, (sign * (inner + 1)) | 0, tables, component)
  if (inner !== 1) return
  const [otherCost, other] = [branchCosts[2]!, branchSymbols[2]!]
  weigh(d, 1, 0, tables, component)
  if (branchCosts[2]! < otherCost) return
  branchCosts[2] = otherCost
  branchSymbols[2] = other
}

function weigh(
  d: number,
  quantizer: number,
  symbol: number,
  tables: LevelTables | undefined,
  component: number,
): void {
  const distance = positions[d]! - symbolValue(quantizer, symbol)
  const rate = tables === undefined ? 0 : tables.cost(component, d, quantizer, symbol)
  const branch = 2 * quantizer + (symbol & 1)
  branchCosts[branch] = rate + weights[d]! * (distance * distance)
  branchSymbols[branch] = symbol
}
