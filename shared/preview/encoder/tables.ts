/** A preview's symbols as quantizers and searches see them: what each costs, and which component suits an image. */

import { TABLE_TOTAL } from '../../codec/entropy/range-coder.ts'
import {
  COST_UNITS_PER_BIT,
  type SymbolModel,
  type Symbols,
  type SymbolTables,
} from '../../codec/entropy/symbols.ts'
import { nextState, QUANTIZERS, quantizerOf } from '../../codec/quantize/trellis.ts'
import type { PreviewParameters } from '../parameters.ts'
import { errorSymbol } from '../payload.ts'
import { distributionOf, startOf } from '../symbols.ts'

/** No encoder writes a symbol beyond the largest. */
const NEVER = 1 << 20

const costOfShare = (share: number, total: number) =>
  share === 0 ? NEVER : Math.round(COST_UNITS_PER_BIT * Math.log2(total / share))

/** Costs are kept for symbols from -KEPT to KEPT, which most are. */
const KEPT = 15
const SPAN = 2 * KEPT + 1

class PreviewTables implements SymbolTables {
  readonly components: number
  readonly #parameters: PreviewParameters
  readonly #level: number
  /** Cost plus one; zero: not known yet. [component, dimension, quantizer, symbol] */
  readonly #costs: Int32Array
  /** [dimension] */
  readonly #places: Int32Array

  constructor(parameters: PreviewParameters, level: number) {
    this.components = parameters.components
    this.#parameters = parameters
    this.#level = level
    this.#costs = new Int32Array(parameters.components * parameters.latents * QUANTIZERS * SPAN)
    this.#places = new Int32Array(parameters.latents)
  }

  cost(component: number, dimension: number, quantizer: number, symbol: number): number {
    if (symbol < -KEPT || symbol > KEPT) return this.#costOf(component, dimension, quantizer, symbol)
    const row = (component * this.#parameters.latents + dimension) * QUANTIZERS + quantizer
    const at = row * SPAN + symbol + KEPT
    const known = this.#costs[at]
    if (known !== 0) return known - 1
    const cost = this.#costOf(component, dimension, quantizer, symbol)
    this.#costs[at] = cost + 1
    return cost
  }

  #costOf(component: number, dimension: number, quantizer: number, symbol: number): number {
    const { template } = this.#parameters
    const from = distributionOf(this.#parameters, this.#level, component, dimension, quantizer)
    if (Math.abs(symbol) > from.largest) return NEVER
    return costOfShare(startOf(template, from, symbol + 1) - startOf(template, from, symbol), TABLE_TOTAL)
  }

  reach(component: number, dimension: number): number {
    const { largest } = distributionOf(this.#parameters, this.#level, component, dimension, 0)
    return 2 * largest - 1
  }

  latentCost(component: number, latent: Int32Array): number {
    let cost = costOfShare(this.#parameters.componentShares[component], 256)
    for (let d = 0, state = 0; d < latent.length; d++) {
      cost += this.cost(component, d, quantizerOf(state), latent[d])
      state = nextState(state, latent[d])
    }
    return cost
  }

  bestComponent(latent: Int32Array): number {
    let best = 0
    let least = Number.POSITIVE_INFINITY
    const areKept = this.#place(latent)
    for (let component = 0; component < this.components; component++) {
      const cost = areKept ? this.#costOfPlaced(component, latent) : this.latentCost(component, latent)
      if (cost < least) {
        least = cost
        best = component
      }
    }
    return best
  }

  /** Notes where each symbol's cost is kept, the same in all components; false if one isn't. */
  #place(latent: Int32Array): boolean {
    for (let d = 0, state = 0; d < latent.length; d++) {
      if (latent[d] < -KEPT || latent[d] > KEPT) return false
      this.#places[d] = (d * QUANTIZERS + quantizerOf(state)) * SPAN + latent[d] + KEPT
      state = nextState(state, latent[d])
    }
    return true
  }

  /** latentCost, in a fifth of the time. */
  #costOfPlaced(component: number, latent: Int32Array): number {
    const [costs, places] = [this.#costs, this.#places]
    const start = component * places.length * QUANTIZERS * SPAN
    let cost = costOfShare(this.#parameters.componentShares[component], 256)
    for (let d = 0; d < places.length; d++) {
      const known = costs[start + places[d]]
      if (known === 0) return this.latentCost(component, latent)
      cost += known - 1
    }
    return cost
  }

  rateBits({ component, psnrHalfDb, latent }: Symbols): number {
    const { errorShares, levelShares } = this.#parameters
    const head =
      costOfShare(errorShares[errorSymbol(psnrHalfDb / 2)], 256) + costOfShare(levelShares[this.#level], 256)
    return (this.latentCost(component, latent) + head) / COST_UNITS_PER_BIT
  }
}

export class PreviewEntropyModel implements SymbolModel {
  readonly isComplete = true
  readonly #parameters: PreviewParameters
  readonly #levels: (PreviewTables | undefined)[] = []

  constructor(parameters: PreviewParameters) {
    this.#parameters = parameters
  }

  level(level: number): SymbolTables {
    this.#levels[level] ??= new PreviewTables(this.#parameters, level)
    return this.#levels[level]
  }

  /** Throws RangeError if the shares do not sum to 256, or the template does not rise to 2^14. */
  check(): void {
    const { componentShares, levelShares, errorShares, template } = this.#parameters
    for (const shares of [componentShares, levelShares, errorShares])
      if (shares.reduce((sum, share) => sum + share, 0) !== 256)
        throw new RangeError('shares do not sum to 256')
    const rises = template.every((value, i) => i === 0 || value >= template[i - 1])
    if (!rises || template[0] !== TABLE_TOTAL / 2 || template.at(-1)! > TABLE_TOTAL)
      throw new RangeError('the template does not rise from 2^13 to 2^14 at most')
  }
}
