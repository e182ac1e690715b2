/**
 * Latent -> symbols, as in quantizer.ts, but latents' errors are weighed together by the curvature: where one error can
 * make up for another, it does. Viterbi's algorithm with per-survivor processing (Raheli et al. 1995): each state keeps
 * how much the errors of the path that leads to it push the dimensions to come. It saves 1 % of bits and weighted
 * distance together. Doubles are added and multiplied in a fixed order, so the path is the same on every machine.
 */
import { COST_UNITS_PER_BIT, type SymbolTables } from '../../codec/entropy/symbols.ts'
import { nextState, quantizerOf, symbolValue } from '../../codec/quantize/trellis.ts'

const STATES = 4

export interface PathQuestion {
  /** [latents] */
  latent: ArrayLike<number>
  /** Quantization step, the same in all dimensions. */
  step: number
  /** [latents, latents] */
  curvature: Float64Array
  /** Bits per unit of what the curvature measures. */
  weight: number
  tables: SymbolTables
  component: number
}

export class PathSearch {
  readonly #latents: number
  #costs = new Float64Array(STATES)
  #nextCosts = new Float64Array(STATES)
  /** How much the errors of each state's path push each later dimension's. [state, dimension] */
  #pushes: Float64Array
  #nextPushes: Float64Array
  readonly #errors = new Float64Array(STATES)
  /** The state and the symbol that led to each state. [dimension, state] */
  readonly #from: Uint8Array
  readonly #symbols: Int32Array
  readonly #candidates = new Int32Array(3)

  constructor(latents: number) {
    this.#latents = latents
    this.#pushes = new Float64Array(STATES * latents)
    this.#nextPushes = new Float64Array(STATES * latents)
    this.#from = new Uint8Array(STATES * latents)
    this.#symbols = new Int32Array(STATES * latents)
  }

  /** Writes the path of least bits plus weighted distance to `symbols`. */
  best(question: PathQuestion, symbols: Int32Array): void {
    this.#pushes.fill(0)
    this.#costs.fill(Number.POSITIVE_INFINITY)
    this.#costs[0] = 0
    for (let d = 0; d < this.#latents; d++) {
      this.#nextCosts.fill(Number.POSITIVE_INFINITY)
      for (let state = 0; state < STATES; state++)
        if (this.#costs[state] !== Number.POSITIVE_INFINITY) this.#extend(question, d, state)
      this.#push(question.curvature, d)
    }
    this.#trace(symbols)
  }

  /** Offers the symbols next to where the state's path would like to go. */
  #extend({ latent, step, curvature, weight, tables, component }: PathQuestion, d: number, state: number) {
    const push = this.#pushes[state * this.#latents + d]
    const own = curvature[d * this.#latents + d]
    const quantizer = quantizerOf(state)
    const position = own === 0 ? 0 : (latent[d] - push / own) / step
    const count = nearest(position, quantizer, this.#candidates)
    for (let i = 0; i < count; i++) {
      const symbol = this.#candidates[i]
      const error = symbolValue(quantizer, symbol) * step - latent[d]
      const bits = tables.cost(component, d, quantizer, symbol) / COST_UNITS_PER_BIT
      const cost = this.#costs[state] + bits + weight * error * (own * error + 2 * push)
      const to = nextState(state, symbol)
      if (cost >= this.#nextCosts[to]) continue
      this.#nextCosts[to] = cost
      this.#errors[to] = error
      this.#from[STATES * d + to] = state
      this.#symbols[STATES * d + to] = symbol
    }
  }

  /** All four states at once, as they share the curvature. */
  #push(curvature: Float64Array, d: number): void {
    const [pushes, next, latents] = [this.#pushes, this.#nextPushes, this.#latents]
    const [from0, error0] = [this.#from[STATES * d] * latents, this.#errors[0]]
    const [from1, error1] = [this.#from[STATES * d + 1] * latents, this.#errors[1]]
    const [from2, error2] = [this.#from[STATES * d + 2] * latents, this.#errors[2]]
    const [from3, error3] = [this.#from[STATES * d + 3] * latents, this.#errors[3]]
    for (let k = d + 1; k < latents; k++) {
      const each = curvature[d * latents + k]
      next[k] = pushes[from0 + k] + each * error0
      next[latents + k] = pushes[from1 + k] + each * error1
      next[2 * latents + k] = pushes[from2 + k] + each * error2
      next[3 * latents + k] = pushes[from3 + k] + each * error3
    }
    this.#pushes = next
    this.#nextPushes = pushes
    ;[this.#costs, this.#nextCosts] = [this.#nextCosts, this.#costs]
  }

  #trace(symbols: Int32Array): void {
    let state = 0
    for (let other = 1; other < STATES; other++) if (this.#costs[other] < this.#costs[state]) state = other
    for (let d = this.#latents - 1; d >= 0; d--) {
      symbols[d] = this.#symbols[STATES * d + state]
      state = this.#from[STATES * d + state]
    }
  }
}

/**
 * Writes the symbols around a position, one of them even, one odd, and zero, the cheapest as a rule; returns how many.
 * position: in quantization steps
 */
function nearest(position: number, quantizer: number, candidates: Int32Array): number {
  const sign = position < 0 ? -1 : 1
  const inner = Math.floor((sign * position + quantizer) / 2)
  candidates[0] = sign * inner
  candidates[1] = sign * (inner + 1)
  candidates[2] = 0
  return inner === 0 ? 2 : 3
}
