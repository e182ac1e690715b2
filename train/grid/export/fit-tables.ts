/**
 * The entropy model of a grid codec, fitted to the symbols of training photographs: logistic regression on the very
 * contexts that the coder sees (shared/grid/contexts.ts), by AdaGrad, then rounded to bytes.
 */
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import type { Matrix } from '../../../shared/grid/networks/transforms.ts'
import { WEIGHT_COUNT } from '../../../shared/grid/planes/context-tables.ts'
import type { LevelSymbols } from '../../../shared/grid/planes/level-symbols.ts'
import { WEIGHTS_PER_NAT } from '../../../shared/grid/planes/logit-table.ts'
import { Random } from '../../random.ts'
import { usesMatrix } from './matrices.ts'

/** The most weights that a bit's context selects. */
const WIDTH = 10
const CHUNK = 1 << 20

/** Bits with the indices of their weights, as a PlaneCoder records them. */
export class RecordedBits {
  readonly #indices: Uint16Array[] = []
  readonly #bits: Uint8Array[] = []
  count = 0

  record(bit: number, indices: readonly number[]): void {
    const at = this.count % CHUNK
    if (at === 0) {
      this.#indices.push(new Uint16Array(CHUNK * WIDTH))
      this.#bits.push(new Uint8Array(CHUNK))
    }
    this.#bits.at(-1)![at] = bit
    this.#indices.at(-1)!.set(indices, at * WIDTH)
    this.count++
  }

  /** In blocks of 256 in random order, as neighbours in a picture are too similar to follow one another. */
  *shuffled(random: Random): Generator<{ indices: Uint16Array; bits: Uint8Array; from: number; to: number }> {
    const blocks = Math.ceil(this.count / 256)
    for (const block of random.permutation(blocks)) {
      const chunk = Math.floor((block * 256) / CHUNK)
      const from = (block * 256) % CHUNK
      const to = Math.min(from + 256, this.count - chunk * CHUNK)
      yield { indices: this.#indices[chunk], bits: this.#bits[chunk], from, to }
    }
  }
}

interface FittedWeights {
  weights: Int8Array
  /** Mean bits per decision, with rounded weights. */
  bitsPerDecision: number
}

export function fitWeights(recorded: RecordedBits, seed: number, epochs = 4): FittedWeights {
  const w = new Float64Array(WEIGHT_COUNT)
  const squares = new Float64Array(WEIGHT_COUNT).fill(1)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = 0.3 / (1 + epoch)
    for (const { indices, bits, from, to } of recorded.shuffled(new Random(seed, epoch)))
      for (let i = from; i < to; i++) update(w, squares, indices, i * WIDTH, bits[i], rate)
  }
  const weights = Int8Array.from(w, (value) =>
    Math.max(-127, Math.min(127, Math.round(value * WEIGHTS_PER_NAT))),
  )
  weights[0] = 0
  return { weights, bitsPerDecision: meanBits(recorded, weights) }
}

/** Index 0 is not a weight: it stays 0. */
function update(
  w: Float64Array,
  squares: Float64Array,
  indices: Uint16Array,
  at: number,
  bit: number,
  rate: number,
) {
  let sum = 0
  for (let k = at; k < at + WIDTH; k++) sum += w[indices[k]]
  const gradient = 1 / (1 + Math.exp(-sum)) - bit
  for (let k = at; k < at + WIDTH; k++) {
    const index = indices[k]
    if (index === 0) continue
    squares[index] += gradient * gradient
    w[index] -= (rate * gradient) / Math.sqrt(squares[index])
  }
}

function meanBits(recorded: RecordedBits, weights: Int8Array): number {
  let bitsSum = 0
  for (const { indices, bits, from, to } of recorded.shuffled(new Random(0)))
    for (let i = from; i < to; i++) {
      let sum = 0
      for (let k = i * WIDTH; k < (i + 1) * WIDTH; k++) sum += weights[indices[k]]
      const p = 1 / (1 + Math.exp(-sum / WEIGHTS_PER_NAT))
      bitsSum -= Math.log2(bits[i] ? p : 1 - p)
    }
  return bitsSum / recorded.count
}

/**
 * Of blocks whose transform has this matrix: for each channel the two others (a pair [CHANNELS * 2]) whose sizes correlate
 * most with its own in the same block.
 */
export function fitPartners(symbols: Iterable<LevelSymbols>, matrix: Matrix): Uint8Array {
  const sums = new Float64Array(CHANNELS)
  const products = new Float64Array(CHANNELS * CHANNELS)
  let blocks = 0
  const octaves = new Float64Array(CHANNELS)
  for (const { magnitudes, transforms, count } of symbols)
    for (let block = 0; block < count; block++) {
      if (!usesMatrix(matrix, transforms[block])) continue
      blocks++
      for (let c = 0; c < CHANNELS; c++) octaves[c] = Math.log2(1 + magnitudes[c * count + block] / 4)
      for (let a = 0; a < CHANNELS; a++) {
        const x = octaves[a]
        sums[a] += x
        for (let b = 0; b <= a; b++) products[a * CHANNELS + b] += x * octaves[b]
      }
    }
  const covariance = (a: number, b: number) =>
    products[Math.max(a, b) * CHANNELS + Math.min(a, b)] / blocks - (sums[a] * sums[b]) / blocks ** 2
  const correlation = (a: number, b: number) =>
    covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b) + 1e-12)
  const partners = new Uint8Array(CHANNELS * 2)
  for (let a = 0; a < CHANNELS; a++) {
    const others = Array.from({ length: CHANNELS }, (_, b) => b).filter((b) => b !== a)
    others.sort((b, c) => correlation(a, c) - correlation(a, b))
    partners.set(others.slice(0, 2), 2 * a)
  }
  return partners
}
