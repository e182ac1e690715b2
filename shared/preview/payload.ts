/**
 * The payload of a preview, through one range coder:
 *
 *     symbol    alpha flag: one in 16 has an alpha plane
 *     symbol    rate level, component, error (the PSNR that compress saw: 12 dB or less, then 2 dB more each), by shares of 256
 *     aspect    aspect.ts
 *     symbols   one per latent dimension (symbols.ts), the quantizer by trellis.ts
 *     alpha     if the flag says so, alpha.ts
 */

import {
  type RangeDecoder,
  type RangeEncoder,
  readBit,
  TABLE_TOTAL,
  writeBit,
} from '../codec/entropy/range-coder.ts'
import { CodecError } from '../codec/errors.ts'
import { nextState, quantizerOf, symbolValue } from '../codec/quantize/trellis.ts'
import { type AlphaSymbols, packAlpha, unpackAlpha } from './alpha.ts'
import { type Aspect, packAspect, unpackAspect } from './aspect.ts'
import { ERRORS, type PreviewParameters } from './parameters.ts'
import { distributionOf, packSymbol, power, unpackSymbol } from './symbols.ts'

export interface PreviewPayload {
  level: number
  component: number
  /** An index into ERRORS. */
  error: number
  aspect: Aspect
  /** [latents] */
  symbols: Int32Array
  alpha?: AlphaSymbols
}

/** PSNR in dB -> an index into ERRORS, and back to the middle of the range it stands for. */
export const errorSymbol = (psnrDb: number): number =>
  Math.max(0, Math.min(ERRORS - 1, Math.round((psnrDb - LOWEST_DB) / 2)))
export const errorDb = (symbol: number): number => LOWEST_DB + 2 * symbol
const LOWEST_DB = 12

const ALPHA_START = (TABLE_TOTAL / 16) * 15

export function packPreview(
  coder: RangeEncoder,
  parameters: PreviewParameters,
  payload: PreviewPayload,
): void {
  const { level, component, error, aspect, symbols, alpha } = payload
  writeBit(coder, ALPHA_START, alpha ? 1 : 0)
  packShare(coder, parameters.levelShares, level)
  packShare(coder, parameters.componentShares, component)
  packShare(coder, parameters.errorShares, error)
  packAspect(coder, aspect.width, aspect.height)
  for (let d = 0, state = 0; d < symbols.length; d++) {
    const from = distributionOf(parameters, level, component, d, quantizerOf(state))
    packSymbol(coder, parameters.template, from, symbols[d])
    state = nextState(state, symbols[d])
  }
  if (alpha) packAlpha(coder, parameters.template, alpha)
}

/** Throws CodecError if no encoder writes such bytes, as far as single symbols tell. */
export function unpackPreview(coder: RangeDecoder, parameters: PreviewParameters): PreviewPayload {
  if (coder.peek() >= TABLE_TOTAL) throw new CodecError('the payload holds a value that no encoder writes')
  const hasAlpha = readBit(coder, ALPHA_START)
  const level = unpackShare(coder, parameters.levelShares)
  const component = unpackShare(coder, parameters.componentShares)
  const error = unpackShare(coder, parameters.errorShares)
  const aspect = unpackAspect(coder)
  const symbols = new Int32Array(parameters.latents)
  for (let d = 0, state = 0; d < symbols.length; d++) {
    const from = distributionOf(parameters, level, component, d, quantizerOf(state))
    symbols[d] = unpackSymbol(coder, parameters.template, from)
    state = nextState(state, symbols[d])
  }
  const payload = { level, component, error, aspect, symbols }
  return hasAlpha ? { ...payload, alpha: unpackAlpha(coder, parameters.template) } : payload
}

/** Symbols -> the latent, in 1/4096 of the coarsest level's quantization step. [latents] */
export function latentOf(symbols: Int32Array, level: number): Int32Array {
  const latent = new Int32Array(symbols.length)
  for (let d = 0, state = 0; d < symbols.length; d++) {
    latent[d] = symbolValue(quantizerOf(state), symbols[d]) * power(level)
    state = nextState(state, symbols[d])
  }
  return latent
}

const SHARE = TABLE_TOTAL / 256

function packShare(coder: RangeEncoder, shares: Uint8Array, symbol: number): void {
  let start = 0
  for (let i = 0; i < symbol; i++) start += shares[i]
  coder.encode(start * SHARE, shares[symbol] * SHARE)
}

function unpackShare(coder: RangeDecoder, shares: Uint8Array): number {
  const target = coder.peek() / SHARE
  let start = 0
  for (let symbol = 0; symbol < shares.length; symbol++) {
    if (target < start + shares[symbol]) {
      coder.consume(start * SHARE, shares[symbol] * SHARE)
      return symbol
    }
    start += shares[symbol]
  }
  throw new CodecError('the payload holds a value that no encoder writes')
}
