/**
 * Fits the two numbers per component and dimension that describe a preview's symbols (shared/preview/symbols.ts) to
 * training images, each coded in a number of bits as users ask for. By hard expectation-maximization an image moves to the
 * component that codes it in the fewest bits, and each number to where its images' symbols cost least.
 */

import { TABLE_TOTAL } from '../../../shared/codec/entropy/range-coder.ts'
import { COST_UNITS_PER_BIT } from '../../../shared/codec/entropy/symbols.ts'
import { quantize } from '../../../shared/codec/quantize/quantizer.ts'
import { nextState, quantizerOf } from '../../../shared/codec/quantize/trellis.ts'
import type { Level } from '../../../shared/manifest.ts'
import { PreviewEntropyModel } from '../../../shared/preview/encoder/tables.ts'
import { type PreviewParameters, TEMPLATE_ENTRIES } from '../../../shared/preview/parameters.ts'
import { distribution, power, startOf } from '../../../shared/preview/symbols.ts'
import { LOCATED_LATENTS, locationWithin, scaleWithin, startComponents } from './component-start.ts'
import { countsOf, sharesOf } from './shares.ts'

/** What symbols may take: those of codes of 10 to 40 bytes, most of 24. A busy image gets a coarse level, a calm one a fine one. */
const BUDGETS_BITS = [60, 100, 130, 150, 167, 167, 167, 190, 230, 300]
const ROUNDS = 4

/** F(z): a mixture of logistic and Laplace in one of these shares, of which the best is found. */
export const TAILS = [0, 0.3, 0.6]

export function templateOf(laplace: number): Uint16Array {
  return Uint16Array.from({ length: TEMPLATE_ENTRIES }, (_, entry) => {
    const z = entry / 4
    const share = (1 - laplace) / (1 + Math.exp(-z)) + laplace * (1 - Math.exp(-z) / 2)
    return entry === 0 ? TABLE_TOTAL / 2 : Math.round(share * TABLE_TOTAL)
  })
}

export interface FitImages {
  /** In coarsest steps. [images, latents] */
  latents: Float32Array
  levels: Level[]
}

/** Fills in `parameters`' components, locations, scales and the shares of components and levels; returns the mean bits. */
export function fitDistributions(parameters: PreviewParameters, images: FitImages): number {
  const count = images.latents.length / parameters.latents
  startComponents(images.latents, parameters)
  let bits = 0
  for (let round = 0; round < ROUNDS; round++) {
    const codes = codeAll(parameters, images, count)
    const counts = countSymbols(parameters, codes)
    for (let component = 0; component < parameters.components; component++)
      for (let d = 0; d < parameters.latents; d++) fitOne(parameters, counts, component, d)
    const components = codes.map(({ component }) => component)
    const levels = codes.map(({ level }) => level)
    parameters.componentShares.set(sharesOf(countsOf(components, parameters.components)))
    parameters.levelShares.set(sharesOf(countsOf(levels, parameters.levels)))
    bits = codes.reduce((sum, code) => sum + code.bits, 0) / count
  }
  return bits
}

/** How often each symbol occurred. [component * latents + d] -> [level, quantizer, symbol, count] */
type Counts = Map<string, { level: number; quantizer: number; symbol: number; count: number }>[]

function countSymbols({ latents, components }: PreviewParameters, codes: Code[]): Counts {
  const counts: Counts = Array.from({ length: components * latents }, () => new Map())
  for (const { level, component, symbols } of codes)
    for (let d = 0, state = 0; d < latents; d++) {
      const quantizer = quantizerOf(state)
      const symbol = symbols[d]
      const own = counts[component * latents + d]
      const key = `${level} ${quantizer} ${symbol}`
      const known = own.get(key)
      if (known) known.count++
      else own.set(key, { level, quantizer, symbol, count: 1 })
      state = nextState(state, symbol)
    }
  return counts
}

interface Code {
  level: number
  component: number
  symbols: Int32Array
  bits: number
}

/** Each image within one of the budgets. */
function codeAll(parameters: PreviewParameters, { latents, levels }: FitImages, count: number): Code[] {
  const dimensions = parameters.latents
  const model = new PreviewEntropyModel(parameters)
  const codeOf = (latent: Float32Array, level: number): Code => {
    const { component, symbols } = quantize(latent, levels[level], model.level(level))
    const bits = model.level(level).latentCost(component, symbols) / COST_UNITS_PER_BIT
    return { level, component, symbols, bits }
  }
  return Array.from({ length: count }, (_, image) => {
    const latent = latents.subarray(image * dimensions, (image + 1) * dimensions)
    const budgetBits = BUDGETS_BITS[image % BUDGETS_BITS.length]
    let finest = codeOf(latent, 0)
    let [low, high] = [0, levels.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const code = codeOf(latent, middle)
      if (code.bits <= budgetBits) [low, finest] = [middle, code]
      else high = middle - 1
    }
    return finest
  })
}

/** Descends in both numbers. */
function fitOne(parameters: PreviewParameters, counts: Counts, component: number, d: number): void {
  const at = component * parameters.latents + d
  const seen = [...counts[at].values()]
  const costAt = (location: number, scale: number) => {
    let cost = 0
    for (const { level, quantizer, symbol, count } of seen)
      cost += count * costOf(parameters.template, level, quantizer, symbol, location, scale)
    return cost
  }
  let [location, scale] = [parameters.locations[at], parameters.scales[at]]
  let least = costAt(location, scale)
  for (let stride = 4; stride >= 1; ) {
    const moves = [
      [0, stride],
      [0, -stride],
      ...(d < LOCATED_LATENTS
        ? [
            [stride, 0],
            [-stride, 0],
          ]
        : []),
    ]
    let moved = false
    for (const [byLocation, byScale] of moves) {
      const nextLocation = locationWithin(location + byLocation!)
      const nextScale = scaleWithin(scale + byScale!)
      const cost = costAt(nextLocation, nextScale)
      if (cost < least) {
        least = cost
        location = nextLocation
        scale = nextScale
        moved = true
      }
    }
    if (!moved) stride >>= 1
  }
  parameters.locations[at] = location
  parameters.scales[at] = scale
}

const OUTSIDE_BITS = 40

function costOf(
  template: Uint16Array,
  level: number,
  quantizer: number,
  symbol: number,
  location: number,
  scale: number,
): number {
  const from = distribution(quantizer, (location * power(20 - level)) >> 7, Math.min(47, scale + level))
  if (Math.abs(symbol) > from.largest) return OUTSIDE_BITS
  return Math.log2(TABLE_TOTAL / (startOf(template, from, symbol + 1) - startOf(template, from, symbol)))
}
