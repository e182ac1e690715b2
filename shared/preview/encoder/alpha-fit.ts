/**
 * An alpha plane -> the symbols whose drawn plane is nearest to it within a number of bits. Downhill from a few starts: what is
 * drawn is clamped, so a cut-out's best plane is steeper than its own transform.
 */
import { TABLE_TOTAL } from '../../codec/entropy/range-coder.ts'
import { ALPHA_BAND, ALPHA_COEFFICIENTS, type AlphaSymbols, alphaStep, distributions } from '../alpha.ts'
import { startOf } from '../symbols.ts'

/** Six bytes, with the flag. */
export const MOST_ALPHA_BITS = 48
const MOST_BITS = MOST_ALPHA_BITS - 4
const FINEST = 3
const STEEPNESS = [1, 2, 3.5]
const SWEEPS = 4
/** Squared error of [0, 255] samples, summed, that a bit is worth. */
const BIT_WORTH = 40_000

interface Fit {
  symbols: Int32Array
  fine: number
  error: number
  bits: number
}

/** alpha: 8-bit [size, size] */
export function fitAlpha(alpha: Uint8Array, size: number, template: Uint16Array): AlphaSymbols {
  const basis = basisOf(size)
  let best: Fit | undefined
  for (let fine = 0; fine <= FINEST; fine++)
    for (const steepness of STEEPNESS) {
      const fit = descend(alpha, basis, startAt(alpha, basis, fine, steepness), fine, template)
      if (fit.bits <= MOST_BITS && (!best || fit.error < best.error)) best = fit
    }
  return best ?? { fine: 0, symbols: new Int32Array(ALPHA_COEFFICIENTS) }
}

/** What a step of 1 sample in each coefficient adds to each pixel. [coefficient][pixel] */
function basisOf(size: number): Float64Array[] {
  const cosine = (u: number, x: number) =>
    (u === 0 ? Math.SQRT1_2 : 1) * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * size))
  const all: Float64Array[] = []
  for (let v = 0; v < ALPHA_BAND; v++)
    for (let u = 0; u + v < ALPHA_BAND; u++)
      all.push(
        Float64Array.from(
          { length: size * size },
          (_, i) => (cosine(u, i % size) * cosine(v, Math.floor(i / size))) / 16,
        ),
      )
  return all
}

function startAt(alpha: Uint8Array, basis: Float64Array[], fine: number, steepness: number): Int32Array {
  const step = alphaStep(fine) / 8
  const norm = 1024 / alpha.length // the transform's own norm is for 32 x 32
  return Int32Array.from(basis, (each) => {
    let sum = 0
    for (let i = 0; i < alpha.length; i++) sum += each[i] * (alpha[i] - 128)
    return Math.round((steepness * norm * sum) / step)
  })
}

function descend(
  alpha: Uint8Array,
  basis: Float64Array[],
  symbols: Int32Array,
  fine: number,
  template: Uint16Array,
): Fit {
  const step = alphaStep(fine) / 8
  const from = distributions(fine)
  const bitsOf = (at: number, symbol: number) =>
    Math.abs(symbol) > from[at].largest
      ? MOST_BITS
      : Math.log2(
          TABLE_TOTAL / (startOf(template, from[at], symbol + 1) - startOf(template, from[at], symbol)),
        )
  const plane = new Float64Array(alpha.length).fill(128)
  for (const [at, each] of basis.entries())
    for (let i = 0; i < plane.length; i++) plane[i] += symbols[at] * step * each[i]
  const errorWith = (each: Float64Array, by: number) => {
    let error = 0
    for (let i = 0; i < plane.length; i++) {
      const value = plane[i] + by * each[i]
      error += (Math.max(0, Math.min(255, value)) - alpha[i]) ** 2
    }
    return error
  }
  let error = errorWith(basis[0], 0)
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const [at, each] of basis.entries())
      for (const by of [-1, 1]) {
        const next = errorWith(each, by * step)
        const bits = bitsOf(at, symbols[at] + by) - bitsOf(at, symbols[at])
        if (next - error + bits * BIT_WORTH >= 0) continue
        error = next
        symbols[at] += by
        for (let i = 0; i < plane.length; i++) plane[i] += by * step * each[i]
      }
  const bits = symbols.reduce((sum, symbol, at) => sum + bitsOf(at, symbol), 2)
  return { symbols, fine, error, bits }
}
