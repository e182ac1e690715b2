/** Where fitting begins (preview-fit.ts): images in groups, and each group's locations and scales as if they were Laplace's. */
import type { PreviewParameters } from '../../../shared/preview/parameters.ts'
import { countsOf, sharesOf } from './shares.ts'

const ROUNDS = 6
const LARGEST_LOCATION = 127
const LARGEST_SCALE = 40
/** Later dimensions are as often of one sign as of the other, and zeros take the fewest bytes. */
export const LOCATED_LATENTS = 24

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value))
export const locationWithin = (location: number) => clamp(location, -LARGEST_LOCATION, LARGEST_LOCATION)
export const scaleWithin = (scale: number) => clamp(scale, 0, LARGEST_SCALE)

/** Fills in `parameters`' locations, scales and components' shares. latents: [images, latents] */
export function startComponents(latents: Float32Array, parameters: PreviewParameters): void {
  const assignment = startAssignment(latents, parameters)
  for (let round = 0; round < ROUNDS; round++) startRound(latents, parameters, assignment)
  parameters.componentShares.set(sharesOf(countsOf(assignment, parameters.components)))
}

/** Starts components from bright and dark, calm and busy images: by the first dimension, and by the spread of the others. */
function startAssignment(
  latents: Float32Array,
  { latents: dimensions, components }: PreviewParameters,
): Uint8Array {
  const count = latents.length / dimensions
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
    if (at % dimensions < LOCATED_LATENTS)
      parameters.locations[at] = locationWithin(Math.round(16 * means[at]))
    const scale = 4 * Math.log2(16 * Math.max(deviations[at], 1 / 64) * 0.75)
    parameters.scales[at] = scaleWithin(Math.round(scale))
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
