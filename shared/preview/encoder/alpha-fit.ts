/**
 * An alpha plane -> the symbols within a number of bits whose drawn plane is nearest to it. Found by descent from a few
 * starts, not by a transform: what is drawn is clamped, so a cut-out's best plane is steeper than its own transform.
 */
import { TABLE_TOTAL } from '../../codec/entropy/range-coder.ts'
import { areaAverage } from '../../images/resize.ts'
import { ALPHA_BAND, ALPHA_COEFFICIENTS, type AlphaSymbols, alphaStep, distributions } from '../alpha.ts'
import { startOf } from '../symbols.ts'

/** The most that transparency adds to a code. */
export const MOST_ALPHA_BYTES = 6
/**
 * Limits for the symbols, besides the flag's 4 bits. Tried in turn, as the coder's bytes do not follow from the bits
 * exactly.
 */
export const ALPHA_BITS = [44, 41, 38]
const UNREACHABLE_BITS = 1000
/** The coarsest of alpha.ts's four quantization steps: finer ones never fit into so few bits. */
const FINE = 0
const STEEPNESS = [1, 2, 3.5, 6]
const SWEEPS = 6
const STEP = alphaStep(FINE) / 8
/** How much summed squared error, of samples in [0, 255], a bit is worth. Raised until the bits fit. */
const BIT_WORTHS = Array.from({ length: 27 }, (_, i) => Math.round(625 * 2 ** (i / 2)))

/** Few pixels are enough for a plane of so few frequencies, and take a quarter of the time. */
const FITTED = { width: 16, height: 16, channels: 1 } as const

interface Fit {
  symbols: Int32Array
  error: number
  bits: number
}

/** whole: 8-bit [height, width] of `size` */
export function fitAlpha(
  whole: Uint8Array,
  size: { width: number; height: number },
  template: Uint16Array,
  mostBits: number,
): AlphaSymbols {
  const { width, height } = FITTED
  const alpha = areaAverage(whole, { ...size, channels: 1 }, FITTED)
  const basis = basisOf(width, height)
  let best: Fit | undefined
  for (const steepness of STEEPNESS) {
    const fit = fitFrom(startAt(alpha, basis, steepness), alpha, basis, template, mostBits)
    if (fit && (!best || fit.error < best.error)) best = fit
  }
  return { fine: FINE, symbols: best?.symbols ?? new Int32Array(ALPHA_COEFFICIENTS) }
}

/** Undefined if it never fits into so few bits. */
function fitFrom(
  start: Int32Array,
  alpha: Uint8Array,
  basis: Float64Array[],
  template: Uint16Array,
  mostBits: number,
): Fit | undefined {
  for (const worth of BIT_WORTHS) {
    const fit = descend(alpha, basis, start, template, worth) // goes on from where the last one ended
    if (fit.bits <= mostBits) return fit
  }
  return undefined
}

/** What adding 1 sample to each coefficient adds to each pixel. [coefficient][pixel] */
function basisOf(width: number, height: number): Float64Array[] {
  const cosine = (u: number, x: number, size: number) =>
    (u === 0 ? Math.SQRT1_2 : 1) * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * size))
  const all: Float64Array[] = []
  for (let v = 0; v < ALPHA_BAND; v++)
    for (let u = 0; u + v < ALPHA_BAND; u++)
      all.push(
        Float64Array.from(
          { length: width * height },
          (_, i) => (cosine(u, i % width, width) * cosine(v, Math.floor(i / width), height)) / 16,
        ),
      )
  return all
}

function startAt(alpha: Uint8Array, basis: Float64Array[], steepness: number): Int32Array {
  const norm = 1024 / alpha.length // the transform's own norm is for 32 x 32
  return Int32Array.from(basis, (each) => {
    let sum = 0
    for (let i = 0; i < alpha.length; i++) sum += each[i] * (alpha[i] - 128)
    return Math.round((steepness * norm * sum) / STEP)
  })
}

function descend(
  alpha: Uint8Array,
  basis: Float64Array[],
  symbols: Int32Array,
  template: Uint16Array,
  worth: number,
): Fit {
  const from = distributions(FINE)
  const bitsOf = (at: number, symbol: number) =>
    Math.abs(symbol) > from[at].largest
      ? UNREACHABLE_BITS
      : Math.log2(
          TABLE_TOTAL / (startOf(template, from[at], symbol + 1) - startOf(template, from[at], symbol)),
        )
  const plane = new Float64Array(alpha.length).fill(128)
  for (const [at, each] of basis.entries())
    for (let i = 0; i < plane.length; i++) plane[i] += symbols[at] * STEP * each[i]
  const errorWith = (each: Float64Array, by: number) => {
    let error = 0
    for (let i = 0; i < plane.length; i++) {
      const value = plane[i] + by * each[i]
      error += (Math.max(0, Math.min(255, value)) - alpha[i]) ** 2
    }
    return error
  }
  let error = errorWith(basis[0], 0)
  for (let sweep = 0, moved = true; sweep < SWEEPS && moved; sweep++) {
    moved = false
    for (const [at, each] of basis.entries())
      for (const by of [-1, 1]) {
        const next = errorWith(each, by * STEP)
        const bits = bitsOf(at, symbols[at] + by) - bitsOf(at, symbols[at])
        if (next - error + bits * worth >= 0) continue
        moved = true
        error = next
        symbols[at] += by
        for (let i = 0; i < plane.length; i++) plane[i] += by * STEP * each[i]
      }
  }
  const bits = symbols.reduce((sum, symbol, at) => sum + bitsOf(at, symbol), 2)
  return { symbols, error, bits }
}
