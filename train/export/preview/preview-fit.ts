/**
 * Fits the two numbers per component and dimension that describe a preview's symbols (shared/preview/symbols.ts) to
 * training images. By hard expectation-maximization each image moves to the component that codes it in the fewest bits,
 * and each number to where its images' symbols cost least, over several rate levels at once.
 */

import { TABLE_TOTAL } from '../../../shared/codec/entropy/range-coder.ts'
import { COST_UNITS_PER_BIT } from '../../../shared/codec/entropy/symbols.ts'
import { nearestSymbols, quantize } from '../../../shared/codec/quantize/quantizer.ts'
import { nextState, quantizerOf } from '../../../shared/codec/quantize/trellis.ts'
import type { Level } from '../../../shared/manifest.ts'
import { PreviewEntropyModel } from '../../../shared/preview/encoder/tables.ts'
import { type PreviewParameters, TEMPLATE_ENTRIES } from '../../../shared/preview/parameters.ts'
import { distribution, power, startOf } from '../../../shared/preview/symbols.ts'

/** The rate levels to whose symbols the numbers are fitted; they suit the others just as well. */
const FITTED_LEVELS = [4, 8, 12, 16]
const START_ROUNDS = 6
const ROUNDS = 2
const LARGEST_LOCATION = 127
const LARGEST_SCALE = 40

/** F(z): a mixture of logistic and Laplace in one of these shares, of which the best is found. */
export const TAILS = [0, 0.3, 0.6]

export function templateOf(laplace: number): Uint16Array {
  return Uint16Array.from({ length: TEMPLATE_ENTRIES }, (_, entry) => {
    const z = entry / 4
    const share = (1 - laplace) / (1 + Math.exp(-z)) + laplace * (1 - Math.exp(-z) / 2)
    return entry === 0 ? TABLE_TOTAL / 2 : Math.round(share * TABLE_TOTAL)
  })
}

interface FitImages {
  /** In coarsest steps. [images, latents] */
  latents: Float32Array
  levels: Level[]
}

/** Fills in `parameters`' components, locations and scales; returns the mean bits of the fitted levels. */
export function fitDistributions(parameters: PreviewParameters, images: FitImages): number {
  const count = images.latents.length / parameters.latents
  const assignment = startAssignment(images.latents, parameters, count)
  for (let round = 0; round < START_ROUNDS; round++) startRound(images.latents, parameters, assignment)
  fitShares(parameters, assignment)
  let bits = 0
  for (let round = 0; round < ROUNDS; round++) {
    const counts = countSymbols(parameters, images, assignment, round === 0)
    for (let component = 0; component < parameters.components; component++)
      for (let d = 0; d < parameters.latents; d++) fitOne(parameters, counts, component, d)
    fitShares(parameters, assignment)
    bits = assign(parameters, images, assignment)
  }
  return bits
}

/** Starts components from bright and dark, calm and busy images: by the first dimension, and by the spread of the others. */
function startAssignment(
  latents: Float32Array,
  { latents: dimensions, components }: PreviewParameters,
  count: number,
) {
  const across = Math.floor(Math.sqrt(components))
  const deviations = new Float64Array(dimensions)
  latents.forEach((value, i) => {
    deviations[i % dimensions] += Math.abs(value) / count
  })
  const first = Float64Array.from({ length: count }, (_, i) => latents[i * dimensions])
  const busy = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0
    for (let d = 1; d < dimensions; d++) sum += Math.abs(latents[i * dimensions + d]) / deviations[d]
    return sum
  })
  const [rows, columns] = [quantiles(first, across), quantiles(busy, Math.ceil(components / across))]
  return Uint8Array.from(rows, (row, i) => Math.min(components - 1, row + across * columns[i]))
}

function quantiles(values: Float64Array, parts: number): Uint8Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b])
  const part = new Uint8Array(values.length)
  order.forEach((image, place) => {
    part[image] = Math.floor((place * parts) / values.length)
  })
  return part
}

/** Fits the latents as if they had Laplace distributions: means and mean deviations, then each image to its best component. */
function startRound(latents: Float32Array, parameters: PreviewParameters, assignment: Uint8Array): void {
  const { latents: dimensions, components } = parameters
  const sizes = new Float64Array(components).fill(1e-9)
  const means = new Float64Array(components * dimensions)
  const deviations = new Float64Array(components * dimensions)
  for (const component of assignment) sizes[component] += 1
  const each = (visit: (at: number, value: number, component: number) => void) =>
    latents.forEach((value, i) => {
      const component = assignment[Math.floor(i / dimensions)]
      visit(component * dimensions + (i % dimensions), value, component)
    })
  each((at, value, component) => {
    means[at] += value / sizes[component]
  })
  each((at, value, component) => {
    deviations[at] += Math.abs(value - means[at]) / sizes[component]
  })
  for (let at = 0; at < means.length; at++) {
    parameters.locations[at] = clamp(Math.round(16 * means[at]), -LARGEST_LOCATION, LARGEST_LOCATION)
    const scale = 4 * Math.log2(16 * Math.max(deviations[at], 1 / 64) * 0.75)
    parameters.scales[at] = clamp(Math.round(scale), 0, LARGEST_SCALE)
  }
  for (let image = 0; image < assignment.length; image++) {
    let least = Number.POSITIVE_INFINITY
    for (let component = 0; component < components; component++) {
      let cost = -Math.log(sizes[component] / assignment.length)
      for (let d = 0; d < dimensions; d++) {
        const at = component * dimensions + d
        const spread = Math.max(deviations[at], 0.05)
        cost += Math.log(spread) + Math.abs(latents[image * dimensions + d] - means[at]) / spread
      }
      if (cost < least) {
        least = cost
        assignment[image] = component
      }
    }
  }
}

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value))

function fitShares({ componentShares }: PreviewParameters, assignment: Uint8Array): void {
  const counts = new Float64Array(componentShares.length)
  for (const component of assignment) counts[component] += 1
  componentShares.set(sharesOf(counts))
}

/** Counts -> shares that sum to 256, each at least one. */
export function sharesOf(counts: ArrayLike<number>): Uint8Array {
  const all = Array.from(counts)
  const total = all.reduce((sum, count) => sum + count, 0) || 1
  const shares = all.map((count) => Math.max(1, Math.round((256 * count) / total)))
  for (let excess = shares.reduce((a, b) => a + b, 0) - 256; excess !== 0; excess -= Math.sign(excess))
    shares[shares.indexOf(Math.max(...shares))] -= Math.sign(excess)
  return Uint8Array.from(shares)
}

/** How often each symbol occurred. [component * latents + d] -> [level, quantizer, symbol, count] */
type Counts = Map<string, { level: number; quantizer: number; symbol: number; count: number }>[]

function countSymbols(
  parameters: PreviewParameters,
  { latents, levels }: FitImages,
  assignment: Uint8Array,
  isFirst: boolean,
): Counts {
  const { latents: dimensions, components } = parameters
  const counts: Counts = Array.from({ length: components * dimensions }, () => new Map())
  const model = new PreviewEntropyModel(parameters)
  for (const level of FITTED_LEVELS)
    for (let image = 0; image < assignment.length; image++) {
      const latent = latents.subarray(image * dimensions, (image + 1) * dimensions)
      const symbols = isFirst
        ? nearestSymbols(latent, levels[level])
        : quantize(latent, levels[level], model.level(level)).symbols
      for (let d = 0, state = 0; d < dimensions; d++) {
        const quantizer = quantizerOf(state)
        const symbol = symbols[d]
        const own = counts[assignment[image] * dimensions + d]
        const key = `${level} ${quantizer} ${symbol}`
        const known = own.get(key)
        if (known) known.count++
        else own.set(key, { level, quantizer, symbol, count: 1 })
        state = nextState(state, symbol)
      }
    }
  return counts
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
      [stride, 0],
      [-stride, 0],
      [0, stride],
      [0, -stride],
    ]
    let moved = false
    for (const [byLocation, byScale] of moves) {
      const nextLocation = clamp(location + byLocation!, -LARGEST_LOCATION, LARGEST_LOCATION)
      const nextScale = clamp(scale + byScale!, 0, LARGEST_SCALE)
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

/** Moves each image to the component that codes it best; returns the mean bits per image and level. */
function assign(
  parameters: PreviewParameters,
  { latents, levels }: FitImages,
  assignment: Uint8Array,
): number {
  const { latents: dimensions } = parameters
  const model = new PreviewEntropyModel(parameters)
  let cost = 0
  for (const [i, level] of FITTED_LEVELS.entries())
    for (let image = 0; image < assignment.length; image++) {
      const latent = latents.subarray(image * dimensions, (image + 1) * dimensions)
      const { component, symbols } = quantize(latent, levels[level], model.level(level))
      cost += model.level(level).latentCost(component, symbols)
      if (i === 1) assignment[image] = component
    }
  return cost / COST_UNITS_PER_BIT / assignment.length / FITTED_LEVELS.length
}
