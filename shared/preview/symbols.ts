/**
 * How likely a preview's symbols are, in integers, from two numbers per dimension: the location and the scale of its
 * values. Their distribution has the same shape in all dimensions, the template. An edge between two symbols, measured
 * from the location in units of the scale, is looked up there: it says how much of 2^14 lies below. A location is in
 * sixteenths of the coarsest level's quantization step, a scale in quarters of an octave above such a sixteenth; each
 * finer level has steps a quarter of an octave smaller.
 */
import {
  type RangeDecoder,
  type RangeEncoder,
  TABLE_BITS,
  TABLE_TOTAL,
} from '../codec/entropy/range-coder.ts'
import type { PreviewParameters } from './parameters.ts'

/** Edges lie this many sixteenths of a quantization step beyond halfway, as encoders prefer the cheaper of two symbols. */
const OUTWARD = 3
const LARGEST_SCALE = 47
const OCTAVE = [4096, 3444, 2896, 2435]

/** 2^(-quarters / 4), in 1/4096. */
export const power = (quarters: number): number => OCTAVE[quarters & 3] >> (quarters >> 2)

/** How the symbols of one dimension are distributed. */
export interface Distribution {
  /** Whose turn it is (shared/codec/quantize/trellis.ts). */
  quantizer: number
  /** Sixteenths of a quantization step. */
  location: number
  /** Quarters of an octave above a sixteenth of a quantization step. */
  scale: number
  /** Symbols go from minus this to plus this, which is enough for nearly every image. */
  largest: number
}

export function distribution(quantizer: number, location: number, scale: number): Distribution {
  return { quantizer, location, scale, largest: largestOf(location, scale) }
}

const largestOf = (location: number, scale: number) =>
  3 + ((1 << (scale >> 2)) >> 2) + (Math.abs(location) >> 5)

/** The last that distributionOf returned. */
const current = distribution(0, 0, 0)

/** Valid until the next call: new objects for the 128 that a decode asks for would be 7 kB of garbage. */
export function distributionOf(
  { latents, locations, scales }: PreviewParameters,
  level: number,
  component: number,
  dimension: number,
  quantizer: number,
): Distribution {
  const at = component * latents + dimension
  const location = (locations[at] * power(20 - level)) >> 7
  const scale = Math.min(LARGEST_SCALE, scales[at] + level)
  current.quantizer = quantizer
  current.location = location
  current.scale = scale
  current.largest = largestOf(location, scale)
  return current
}

/** Between symbols k - 1 and k, in sixteenths of a quantization step. */
function edgeBelow(k: number, quantizer: number): number {
  const halfway = quantizer === 0 ? 32 * k - 16 : k === 1 ? 8 : k === 0 ? -8 : k > 1 ? 32 * k - 32 : 32 * k
  return k > 0 ? halfway + OUTWARD : halfway - OUTWARD
}

/** Where a symbol's share of [0, 2^14) begins; each share is at least 1. */
export function startOf(template: Uint16Array, distribution: Distribution, symbol: number): number {
  const { quantizer, location, scale, largest } = distribution
  const index = symbol + largest
  const count = 2 * largest + 1
  if (index === 0) return 0
  if (index === count) return TABLE_TOTAL
  const below = shareBelow(template, edgeBelow(symbol, quantizer) - location, scale)
  return ((below * (TABLE_TOTAL - count)) >> TABLE_BITS) + index
}

/**
 * How much of 2^14 lies below a distance in sixteenths of a quantization step. The template has an entry per quarter of
 * the scale.
 */
function shareBelow(template: Uint16Array, distance: number, scale: number): number {
  const reach = (Math.abs(distance) * OCTAVE[scale & 3]) >> (scale >> 2) // in 1/4096 of a scale
  const entry = reach >> 10
  const low = template[entry]
  const high = template[entry + 1]
  const share = high === undefined ? TABLE_TOTAL : low! + (((high - low!) * (reach & 1023)) >> 10)
  return distance < 0 ? TABLE_TOTAL - share : share
}

export function packSymbol(
  coder: RangeEncoder,
  template: Uint16Array,
  from: Distribution,
  symbol: number,
): void {
  const start = startOf(template, from, symbol)
  coder.encode(start, startOf(template, from, symbol + 1) - start)
}

export function unpackSymbol(coder: RangeDecoder, template: Uint16Array, from: Distribution): number {
  const target = coder.peek()
  let symbol = -from.largest
  let beyond = from.largest + 1
  while (beyond - symbol > 1) {
    const middle = (symbol + beyond) >> 1
    if (startOf(template, from, middle) <= target) symbol = middle
    else beyond = middle
  }
  const start = startOf(template, from, symbol)
  coder.consume(start, startOf(template, from, symbol + 1) - start)
  return symbol
}
