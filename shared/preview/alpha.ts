/**
 * A preview's transparency: a plane of few coefficients, clamped to [0, 255]. A cut-out's edge can be sharp all the
 * same, because encoders make the plane steeper than its range allows and the clamp cuts it off.
 *
 *     2 bits    how fine: the quantization step is 16,384 / 2^fine eighths of a sample
 *     symbols   for each v and u with u + v < 6 the coefficient in quantization steps, by the template (symbols.ts), location 0
 */
import type { RangeDecoder, RangeEncoder } from '../codec/entropy/range-coder.ts'
import type { Plane } from './draw.ts'
import { type Distribution, distribution, packSymbol, unpackSymbol } from './symbols.ts'

export interface AlphaSymbols {
  /** 0 to 3 */
  fine: number
  /** [21] */
  symbols: Int32Array
}

export const ALPHA_BAND = 6
export const ALPHA_COEFFICIENTS = (ALPHA_BAND * (ALPHA_BAND + 1)) / 2
/** Scales at the coarsest quantization step, for each u + v; each finer step adds four. */
const SCALES = [24, 22, 21, 19, 18, 17]

export const alphaStep = (fine: number): number => 16384 >> fine

export function packAlpha(coder: RangeEncoder, template: Uint16Array, { fine, symbols }: AlphaSymbols): void {
  coder.encodeBits(fine, 2)
  for (const [at, from] of distributions(fine).entries()) packSymbol(coder, template, from, symbols[at])
}

export function unpackAlpha(coder: RangeDecoder, template: Uint16Array): AlphaSymbols {
  const fine = coder.decodeBits(2)
  const symbols = distributions(fine).map((from) => unpackSymbol(coder, template, from))
  return { fine, symbols: Int32Array.from(symbols) }
}

export function distributions(fine: number): Distribution[] {
  const all: Distribution[] = []
  for (let v = 0; v < ALPHA_BAND; v++)
    for (let u = 0; u + v < ALPHA_BAND; u++) all.push(distribution(0, 0, SCALES[u + v] + 4 * fine))
  return all
}

export const alphaPlane = ({ fine, symbols }: AlphaSymbols): Plane => ({
  band: ALPHA_BAND,
  coefficients: symbols.map((symbol) => symbol * alphaStep(fine)),
})
