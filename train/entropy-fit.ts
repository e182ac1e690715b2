/** Fits the integer tables of one rate level to the symbols of the training images (see shared/entropy.ts). */
import { TABLE_TOTAL } from '../shared/range-coder.ts'

/** Weight of all images' counts in a component's own, in images: what a component never saw stays possible. */
const PRIOR_IMAGES = 24
const EM_ROUNDS = 12

/** Symbol counts of each latent dimension, over a shared range of symbols. */
interface Counts {
  smallest: number
  width: number
  /** [dimension, width] */
  values: Float64Array
}

/**
 * symbols: [count][latents], errors: [count]. K components by hard expectation-maximization: each image goes to the
 * component that codes it in the fewest bits, each component is fitted to its images, and again.
 */
export function fitTables(
  symbols: Int32Array,
  latents: number,
  errors: Int32Array,
  components: number,
  start?: Uint8Array,
): { bytes: Uint8Array; assignment: Uint8Array } {
  const count = symbols.length / latents
  const all = countSymbols(symbols, latents)
  const assignment = start ?? seedAssignment(symbols, latents, components)
  let groups: Counts[] = []
  for (let round = 0; round < (start ? 3 : EM_ROUNDS); round++) {
    groups = countGroups(symbols, assignment, all, latents, components)
    assign(symbols, assignment, groups, shares(assignment, components), latents)
  }
  groups = countGroups(symbols, assignment, all, latents, components)
  const tables = [
    integerTable(
      0,
      Float64Array.from(shares(assignment, components), (share) => share * count + 1),
      false,
    ),
    integerTable(...errorCounts(errors), true),
    ...groups.flatMap((group) =>
      splitDimensions(group, latents).map((row) => integerTable(group.smallest, row, true)),
    ),
  ]
  return { bytes: Buffer.concat(tables), assignment }
}

function countSymbols(symbols: Int32Array, latents: number): Counts {
  const smallest = symbols.reduce((least, symbol) => Math.min(least, symbol), 0)
  const width = symbols.reduce((most, symbol) => Math.max(most, symbol), 0) - smallest + 1
  const values = new Float64Array(latents * width)
  symbols.forEach((symbol, i) => {
    values[(i % latents) * width + symbol - smallest]! += 1
  })
  return { smallest, width, values }
}

/** Images far apart in their symbols start the components (k-means++ on a sample, deterministic). */
function seedAssignment(symbols: Int32Array, latents: number, components: number): Uint8Array {
  const count = symbols.length / latents
  const stride = Math.max(1, Math.floor(count / 4000))
  const sample = Array.from({ length: Math.floor(count / stride) }, (_, i) => i * stride)
  const centers = [sample[0]!]
  const nearest = new Float64Array(sample.length).fill(Number.POSITIVE_INFINITY)
  while (centers.length < components) {
    sample.forEach((image, i) => {
      nearest[i] = Math.min(nearest[i]!, symbolDistance(symbols, latents, image, centers.at(-1)!))
    })
    centers.push(sample[quantileIndex(nearest, (centers.length * 0.618034) % 1)]!)
  }
  return Uint8Array.from({ length: count }, (_, image) => {
    const distances = centers.map((center) => symbolDistance(symbols, latents, image, center))
    return distances.indexOf(Math.min(...distances))
  })
}

function symbolDistance(symbols: Int32Array, latents: number, a: number, b: number): number {
  let sum = 0
  for (let d = 0; d < latents; d++) sum += (symbols[a * latents + d]! - symbols[b * latents + d]!) ** 2
  return sum
}

/** The index at a share of the total weight: a draw in proportion to weight, from a fixed low-discrepancy sequence. */
function quantileIndex(weights: Float64Array, share: number): number {
  let rest = share * weights.reduce((sum, weight) => sum + weight, 0)
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!
    if (rest <= 0) return i
  }
  return weights.length - 1
}

function shares(assignment: Uint8Array, components: number): number[] {
  const sizes = new Array<number>(components).fill(0)
  for (const component of assignment) sizes[component]! += 1
  return sizes.map((size) => size / assignment.length)
}

/** Counts of each component's images, smoothed toward all images' by PRIOR_IMAGES. */
function countGroups(
  symbols: Int32Array,
  assignment: Uint8Array,
  all: Counts,
  latents: number,
  components: number,
): Counts[] {
  const { smallest, width } = all
  const prior = PRIOR_IMAGES / assignment.length
  const groups = Array.from({ length: components }, () => ({
    smallest,
    width,
    values: all.values.map((v) => v * prior),
  }))
  assignment.forEach((component, image) => {
    const { values } = groups[component]!
    for (let d = 0; d < latents; d++) values[d * width + symbols[image * latents + d]! - smallest]! += 1
  })
  return groups
}

/** Moves each image to the component of the fewest bits. */
function assign(
  symbols: Int32Array,
  assignment: Uint8Array,
  groups: Counts[],
  sizes: number[],
  latents: number,
) {
  const width = groups[0]!.width
  const smallest = groups[0]!.smallest
  const costs = groups.map((group, component) => {
    const total = sizes[component]! * assignment.length + PRIOR_IMAGES
    return {
      base: -Math.log2(sizes[component]! + 1e-4),
      bits: group.values.map((v) => -Math.log2(v / total + 1e-6)),
    }
  })
  for (let image = 0; image < assignment.length; image++) {
    let best = Number.POSITIVE_INFINITY
    costs.forEach(({ base, bits }, component) => {
      let cost = base
      for (let d = 0; d < latents && cost < best; d++)
        cost += bits[d * width + symbols[image * latents + d]! - smallest]!
      if (cost < best) {
        best = cost
        assignment[image] = component
      }
    })
  }
}

function splitDimensions({ width, values }: Counts, latents: number): Float64Array[] {
  return Array.from({ length: latents }, (_, d) => values.subarray(d * width, (d + 1) * width))
}

/** Errors seen, spread a little: half decibels beside a common one are as likely on other images. */
function errorCounts(errors: Int32Array): [smallest: number, counts: Float64Array] {
  const sorted = errors.toSorted()
  const smallest = Math.max(0, sorted[0]! - 4)
  const counts = new Float64Array(sorted.at(-1)! + 5 - smallest).fill(0.2)
  for (const error of errors) counts[error - smallest]! += 1
  return [smallest, counts]
}

/** Counts -> a table's bytes: ends that would round to nothing are left to the escape, everything else is at least 1. */
function integerTable(smallest: number, counts: Float64Array, hasEscape: boolean): Uint8Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const isRare = (i: number) => hasEscape && counts[i]! / total < 0.5 / TABLE_TOTAL
  let first = 0
  let last = counts.length - 1
  while (first < last && isRare(first)) first++
  while (last > first && isRare(last)) last--
  const kept = counts.subarray(first, last + 1)
  const outside = total - kept.reduce((sum, count) => sum + count, 0)
  const escapeSize = hasEscape ? Math.max(1, Math.round((outside / total) * TABLE_TOTAL)) : 0
  return tableBytes(smallest + first, [...integerFrequencies(kept, TABLE_TOTAL - escapeSize), escapeSize])
}

/** Whole frequencies of at least 1 that sum to `total`, nearest to the counts' shares. */
function integerFrequencies(counts: Float64Array, total: number): number[] {
  const sum = counts.reduce((a, b) => a + b, 0) || 1
  const sizes = Array.from(counts, (count) => Math.max(1, Math.round((count / sum) * total)))
  let excess = sizes.reduce((a, b) => a + b, 0) - total
  while (excess !== 0) {
    const largest = sizes.indexOf(Math.max(...sizes))
    const change = Math.sign(excess) * Math.min(Math.abs(excess), Math.max(1, sizes[largest]! >> 6))
    sizes[largest]! -= change
    excess -= change
  }
  return sizes
}

function tableBytes(smallest: number, sizes: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 2 * sizes.length)
  const view = new DataView(bytes.buffer)
  view.setInt16(0, smallest, true)
  view.setUint16(2, sizes.length, true)
  sizes.forEach((size, i) => {
    view.setUint16(4 + 2 * i, size, true)
  })
  return bytes
}
