/** Fits the integer tables of one rate level to the symbols of the training images (see shared/codec/entropy/entropy-model.ts). */
import { TABLE_TOTAL } from '../../shared/codec/entropy/range-coder.ts'
import { nextState, QUANTIZERS, quantizerOf } from '../../shared/codec/quantize/trellis.ts'

/** All images' counts are added to a component's own with the weight of this many images, so that symbols it never saw stay possible. */
const PRIOR_IMAGES = 24
const EM_ROUNDS = 12

/** The images' symbols, and for each the row of the tables that codes it. */
interface Coded {
  count: number
  latents: number
  /** [count, latents] */
  symbols: Int32Array
  /** dimension * QUANTIZERS + quantizer. [count, latents] */
  rows: Uint16Array
}

/** Symbol counts of each row, over a shared range of symbols. */
interface Counts {
  smallest: number
  width: number
  /** [row, width] */
  values: Float64Array
}

/**
 * symbols: [count][latents], errors: [count]. K components by hard expectation-maximization: in turn, each image moves to
 * the component that codes it in the fewest bits, and each component is fitted to its images.
 */
export function fitTables(
  symbols: Int32Array,
  latents: number,
  errors: Int32Array,
  components: number,
  start?: Uint8Array,
): { bytes: Uint8Array; assignment: Uint8Array } {
  const coded = { count: symbols.length / latents, latents, symbols, rows: rowsOf(symbols, latents) }
  const all = countSymbols(coded)
  const assignment = start ?? seedAssignment(symbols, latents, components)
  let groups: Counts[] = []
  for (let round = 0; round < (start ? 3 : EM_ROUNDS); round++) {
    groups = countGroups(coded, assignment, all, components)
    assign(coded, assignment, groups, shares(assignment, components))
  }
  groups = countGroups(coded, assignment, all, components)
  const componentCounts = Float64Array.from(
    shares(assignment, components),
    (share) => share * coded.count + 1,
  )
  const tables = [
    integerTable(0, componentCounts, false),
    integerTable(...errorCounts(errors), true),
    ...groups.flatMap((group) => rowCounts(group).map((row) => integerTable(group.smallest, row, true))),
  ]
  return { bytes: joinTables(components, tables), assignment }
}

function rowsOf(symbols: Int32Array, latents: number): Uint16Array {
  const rows = new Uint16Array(symbols.length)
  for (let i = 0, state = 0; i < symbols.length; i++) {
    const dimension = i % latents
    if (dimension === 0) state = 0
    rows[i] = dimension * QUANTIZERS + quantizerOf(state)
    state = nextState(state, symbols[i])
  }
  return rows
}

function countSymbols({ symbols, rows, latents }: Coded): Counts {
  const smallest = symbols.reduce((least, symbol) => Math.min(least, symbol), 0)
  const width = symbols.reduce((most, symbol) => Math.max(most, symbol), 0) - smallest + 1
  const values = new Float64Array(latents * QUANTIZERS * width)
  symbols.forEach((symbol, i) => {
    values[rows[i] * width + symbol - smallest] += 1
  })
  return { smallest, width, values }
}

/** Components start from images whose symbols are far apart (k-means++ on a sample, deterministic). */
function seedAssignment(symbols: Int32Array, latents: number, components: number): Uint8Array {
  const count = symbols.length / latents
  const stride = Math.max(1, Math.floor(count / 4000))
  const sample = Array.from({ length: Math.floor(count / stride) }, (_, i) => i * stride)
  const centers = [sample[0]]
  const nearest = new Float64Array(sample.length).fill(Number.POSITIVE_INFINITY)
  while (centers.length < components) {
    sample.forEach((image, i) => {
      nearest[i] = Math.min(nearest[i], symbolDistance(symbols, latents, image, centers.at(-1)!))
    })
    centers.push(sample[quantileIndex(nearest, (centers.length * 0.618034) % 1)])
  }
  return Uint8Array.from({ length: count }, (_, image) => {
    const distances = centers.map((center) => symbolDistance(symbols, latents, image, center))
    return distances.indexOf(Math.min(...distances))
  })
}

function symbolDistance(symbols: Int32Array, latents: number, a: number, b: number): number {
  let sum = 0
  for (let d = 0; d < latents; d++) sum += (symbols[a * latents + d] - symbols[b * latents + d]) ** 2
  return sum
}

/** Draws an index in proportion to weight, by a fixed low-discrepancy sequence. */
function quantileIndex(weights: Float64Array, share: number): number {
  let rest = share * weights.reduce((sum, weight) => sum + weight, 0)
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]
    if (rest <= 0) return i
  }
  return weights.length - 1
}

function shares(assignment: Uint8Array, components: number): number[] {
  const sizes = new Array<number>(components).fill(0)
  for (const component of assignment) sizes[component] += 1
  return sizes.map((size) => size / assignment.length)
}

/** Counts over each component's images, smoothed towards all images' counts by PRIOR_IMAGES. */
function countGroups(
  { symbols, rows, latents, count }: Coded,
  assignment: Uint8Array,
  all: Counts,
  components: number,
): Counts[] {
  const { smallest, width } = all
  const prior = PRIOR_IMAGES / count
  const groups = Array.from({ length: components }, () => all.values.map((value) => value * prior))
  assignment.forEach((component, image) => {
    const values = groups[component]
    for (let i = image * latents; i < (image + 1) * latents; i++)
      values[rows[i] * width + symbols[i] - smallest] += 1
  })
  return groups.map((values) => ({ smallest, width, values }))
}

/** Moves each image to the component of the fewest bits. */
function assign(
  { symbols, rows, latents }: Coded,
  assignment: Uint8Array,
  groups: Counts[],
  sizes: number[],
): void {
  const { width, smallest } = groups[0]
  const costs = groups.map((group, component) => ({
    base: -Math.log2(sizes[component] + 1e-4),
    bits: symbolBits(group),
  }))
  const places = new Int32Array(latents) // of an image's symbols in a component's bits
  for (let image = 0; image < assignment.length; image++) {
    const first = image * latents
    for (let d = 0; d < latents; d++) places[d] = rows[first + d] * width + symbols[first + d] - smallest
    // The previous round's component is usually the best again; trying it first ends the others early.
    let cheapest = assignment[image]
    let best = costOf(costs[cheapest], places)
    for (let component = 0; component < costs.length; component++) {
      const cost = costOf(costs[component], places, best)
      if (cost < best) [best, cheapest] = [cost, component]
    }
    assignment[image] = cheapest
  }
}

/** The cost in bits; stops adding at `most`. */
function costOf(
  { base, bits }: { base: number; bits: Float64Array },
  places: Int32Array,
  most = Number.POSITIVE_INFINITY,
): number {
  let cost = base
  for (let d = 0; d < places.length && cost < most; d++) cost += bits[places[d]]
  return cost
}

/** [row, width] */
function symbolBits(group: Counts): Float64Array {
  const bits = new Float64Array(group.values.length)
  rowCounts(group).forEach((row, i) => {
    const total = row.reduce((sum, value) => sum + value, 0)
    for (let s = 0; s < group.width; s++) bits[i * group.width + s] = -Math.log2(row[s] / (total || 1) + 1e-6)
  })
  return bits
}

function rowCounts({ width, values }: Counts): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    values.subarray(row * width, (row + 1) * width),
  )
}

/** Counts of the errors seen, spread a little: on other images the neighbours of a common half decibel are as likely. */
function errorCounts(errors: Int32Array): [smallest: number, counts: Float64Array] {
  const sorted = errors.toSorted()
  const smallest = Math.max(0, sorted[0] - 4)
  const counts = new Float64Array(sorted.at(-1)! + 5 - smallest).fill(0.2)
  for (const error of errors) counts[error - smallest] += 1
  return [smallest, counts]
}

interface Table {
  smallest: number
  /** They sum to 2^14; the last is the escape's. */
  frequencies: number[]
}

/** Counts -> a table. Symbols at its ends that would round to zero are left to the escape; all others get at least 1. */
function integerTable(smallest: number, counts: Float64Array, hasEscape: boolean): Table {
  const sum = counts.reduce((a, b) => a + b, 0)
  const total = sum || 1 // 0 for a table that nothing uses: quantizer 1 in the first dimension
  const isRare = (i: number) => hasEscape && counts[i] / total < 0.5 / TABLE_TOTAL
  let first = 0
  let last = counts.length - 1
  while (first < last && isRare(first)) first++
  while (last > first && isRare(last)) last--
  const kept = counts.subarray(first, last + 1)
  const outside = sum - kept.reduce((a, b) => a + b, 0)
  const escapeSize = hasEscape ? Math.max(1, Math.round((outside / total) * TABLE_TOTAL)) : 0
  const frequencies = [...integerFrequencies(kept, TABLE_TOTAL - escapeSize), escapeSize]
  return { smallest: smallest + first, frequencies }
}

/** Integer frequencies of at least 1 that sum to `total`, as near to the counts' shares as possible. */
function integerFrequencies(counts: Float64Array, total: number): number[] {
  const sum = counts.reduce((a, b) => a + b, 0) || 1
  const sizes = Array.from(counts, (count) => Math.max(1, Math.round((count / sum) * total)))
  let excess = sizes.reduce((a, b) => a + b, 0) - total
  while (excess !== 0) {
    const largest = sizes.indexOf(Math.max(...sizes))
    const change = Math.sign(excess) * Math.min(Math.abs(excess), Math.max(1, sizes[largest] >> 6))
    sizes[largest] -= change
    excess -= change
  }
  return sizes
}

/** A level's bytes, as shared/codec/entropy/entropy-model.ts describes them. */
function joinTables(components: number, tables: Table[]): Uint8Array {
  const first = [0]
  for (const { frequencies } of tables) first.push(first.at(-1)! + frequencies.length)
  const words = [
    ...tables.map(({ smallest }) => smallest),
    ...tables.flatMap(({ frequencies }) => frequencies),
  ]
  if (words.length % 2 === 1) words.push(0)
  const head = new Uint8Array(Uint32Array.of(components, ...first).buffer)
  return Buffer.concat([head, new Uint8Array(Uint16Array.from(words).buffer)])
}
