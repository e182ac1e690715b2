/**
 * Latent -> symbols and back, by dependent quantization (trellis.ts). Of all paths through the states, Viterbi's
 * algorithm (1967) finds the one with the least rate plus weighted distortion, both in bits. Quantization steps,
 * weights and costs are the model's own, so the choice is deterministic; a decoder does not need to know about it.
 */

import type { Level } from '../../manifest.ts'
import { COST_UNITS_PER_BIT, type SymbolTables } from '../entropy/symbols.ts'
import { beyondBits, farthestReaching, withinReach } from './reach.ts'
import { nextState, quantizerOf, symbolValue } from './trellis.ts'

/** Quantizes one image, for a search. */
export interface ImageQuantizer {
  /** What it aims at. [latents] */
  aim: Float32Array
  quantize(level: number, distortionWeight: number): { component: number; symbols: Int32Array }
}

/**
 * latent [latents] -> symbols [latents] and the component of the entropy model that suits them. `distortionWeight`
 * multiplies the level's own weight of distortion: below 1 it gives fewer bits. The symbols are written to `symbols`.
 */
export function quantize(
  latent: Float32Array,
  level: Level,
  tables: SymbolTables,
  distortionWeight = 1,
  symbols: Int32Array = new Int32Array(level.steps.length),
): { component: number; symbols: Int32Array } {
  const first = likelyComponent(latent, level, tables, symbols)
  bestPath(withinReach(latent, level, tables, first), level, distortionWeight, tables, first, symbols)
  return { component: tables.bestComponent(symbols), symbols }
}

/** The component of the nearest symbols, or if it does not reach as far as the latent, the one that does best. */
export function likelyComponent(
  latent: Float32Array,
  level: Level,
  tables: SymbolTables,
  symbols: Int32Array,
): number {
  roundEach(latent, level, symbols)
  const cheapest = tables.bestComponent(symbols)
  return beyondBits(latent, level, tables, cheapest) > 0 ? farthestReaching(latent, level, tables) : cheapest
}

/** Each dimension's nearest symbol in the quantizer whose turn it is: good enough to choose the component. */
function roundEach(latent: Float32Array, { steps }: Level, symbols: Int32Array): void {
  let state = 0
  for (let d = 0; d < steps.length; d++) {
    const position = latent[d] / steps[d]
    symbols[d] = quantizerOf(state) === 0 ? Math.round(position / 2) : roundOdd(position)
    state = nextState(state, symbols[d])
  }
}

/** The second quantizer's: odd multiples and zero. */
function roundOdd(position: number): number {
  if (Math.abs(position) < 0.5) return 0
  return position < 0 ? -Math.round((1 - position) / 2) : Math.round((1 + position) / 2)
}

/** latent [latents] -> the symbols of least distortion, whatever they cost. */
export function nearestSymbols(latent: Float32Array, level: Level): Int32Array {
  const symbols = new Int32Array(level.steps.length)
  bestPath(latent, level, 1, undefined, 0, symbols)
  return symbols
}

/** symbols [latents] -> latent [latents], written to `latent` (which may be the decoder's input). */
export function dequantize(symbols: Int32Array, { steps }: Level, latent: Float32Array): void {
  let state = 0
  for (let d = 0; d < steps.length; d++) {
    latent[d] = symbolValue(quantizerOf(state), symbols[d]) * steps[d]
    state = nextState(state, symbols[d])
  }
}

/** What led to each state. Reused by the next search, as allocating outside V8's heap is expensive. */
let decisions = new Uint8Array(0) // a bit for each state reached: 1 if it came from its second neighbour. [dimension]
let branchSymbols = new Int32Array(0) // [dimension, quantizer * 2 + parity]

/**
 * Writes the best path's symbols to `path`. Without tables, symbols cost nothing. Long on purpose: V8 would allocate an
 * object for each fractional number that passes between functions.
 */
function bestPath(
  latent: Float32Array,
  { steps, distortionBits }: Level,
  distortionWeight: number,
  tables: SymbolTables | undefined,
  component: number,
  path: Int32Array,
): void {
  if (decisions.length < steps.length) {
    decisions = new Uint8Array(steps.length)
    branchSymbols = new Int32Array(4 * steps.length)
  }
  let cost0 = 0
  let cost1 = Number.POSITIVE_INFINITY
  let cost2 = cost1
  let cost3 = cost1
  for (let d = 0; d < steps.length; d++) {
    const position = latent[d] / steps[d]
    const weight = distortionWeight * distortionBits[d] * COST_UNITS_PER_BIT // for one quantization step, squared
    // The symbols around the position: one is even, the other odd.
    const below = Math.floor(position / 2) | 0 // `| 0` tells V8 that it is an integer: twice as fast
    const even = below + (below & 1)
    const odd = below + 1 - (below & 1)
    const sign = position < 0 ? -1 : 1
    const inner = ((sign * position + 1) / 2) | 0
    let otherEven = (sign * (inner + (inner & 1))) | 0
    const otherOdd = (sign * (inner + 1 - (inner & 1))) | 0
    let distance = position - symbolValue(0, even)
    const toEven = rate(tables, component, d, 0, even) + weight * (distance * distance)
    distance = position - symbolValue(0, odd)
    const toOdd = rate(tables, component, d, 0, odd) + weight * (distance * distance)
    distance = position - symbolValue(1, otherEven)
    let toOtherEven = rate(tables, component, d, 1, otherEven) + weight * (distance * distance)
    distance = position - symbolValue(1, otherOdd)
    const toOtherOdd = rate(tables, component, d, 1, otherOdd) + weight * (distance * distance)
    if (inner === 1) {
      // In the second quantizer zero is next to both 1 and -1, so it competes with 2 and -2.
      const toZero = rate(tables, component, d, 1, 0) + weight * (position * position)
      if (toZero < toOtherEven) {
        toOtherEven = toZero
        otherEven = 0
      }
    }
    branchSymbols[4 * d] = even
    branchSymbols[4 * d + 1] = odd
    branchSymbols[4 * d + 2] = otherEven
    branchSymbols[4 * d + 3] = otherOdd
    // Two states lead to each state: the first by a symbol of one parity, the second by one of the other.
    const first0 = cost0 + toEven
    const second0 = cost1 + toOdd
    const first1 = cost2 + toOtherEven
    const second1 = cost3 + toOtherOdd
    const first2 = cost0 + toOdd
    const second2 = cost1 + toEven
    const first3 = cost2 + toOtherOdd
    const second3 = cost3 + toOtherEven
    decisions[d] =
      (first0 <= second0 ? 0 : 1) |
      (first1 <= second1 ? 0 : 2) |
      (first2 <= second2 ? 0 : 4) |
      (first3 <= second3 ? 0 : 8)
    cost0 = Math.min(first0, second0)
    cost1 = Math.min(first1, second1)
    cost2 = Math.min(first2, second2)
    cost3 = Math.min(first3, second3)
  }
  const least = Math.min(cost0, cost1, cost2, cost3)
  trace(least === cost0 ? 0 : least === cost1 ? 1 : least === cost2 ? 2 : 3, path)
}

/** Back from the last state. The first neighbour of states 0 and 2 is 0, of 1 and 3 it is 2. */
function trace(last: number, path: Int32Array): void {
  let state = last
  for (let d = path.length - 1; d >= 0; d--) {
    const isSecond = (decisions[d] >> state) & 1
    const parity = isSecond ^ (state >> 1)
    state = 2 * (state & 1) + isSecond
    path[d] = branchSymbols[4 * d + 2 * quantizerOf(state) + parity]
  }
}

const rate = (
  tables: SymbolTables | undefined,
  component: number,
  d: number,
  quantizer: number,
  symbol: number,
): number => (tables === undefined ? 0 : tables.cost(component, d, quantizer, symbol))
