/**
 * A grid decoder's weights in as few bytes as a browser should load. All of it is one stream of a binary range coder
 * (planes/bit-coder.ts), coded both ways by codeDecoder:
 *
 *     dec.linear, dec.across, dec.diagonal, dec.lowest
 *                 4 bits shift, 4 bits t for each latent channel; then for each latent channel the block that it adds, as
 *                 symbols of its cosines' coefficients [3][16][16], in 2^t / 4096
 *     others      4 bits shift, 16 bits quantization step, 4 bits t for each input channel, 20 bits each bias (in 64ths of an
 *                 output, a sign's half added), and symbols [inputs][outputs]: a weight is symbol * step * 2^t
 *     last        2 x 40 numbers like biases: what dec.first's bias gains with an octave of the steps
 */

import { AdaptiveSymbols, type BitCoder } from '../../codec/entropy/adaptive-symbols.ts'
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../grid-shape.ts'
import { BitDecoder, codeBits, EndOfCode } from '../planes/bit-coder.ts'
import { BLOCK_SCALE, blockOf } from './block-cosines.ts'
import { FEATURES } from './channels.ts'
import type { DecoderWeights } from './grid-networks.ts'
import { type IntegerLayer, inOrder } from './kernels/integer-layer.ts'
import { TAPS } from './layer-shapes.ts'
import type { Matrix } from './transforms.ts'

/** A coefficient of 4096 is a cosine of unit norm. */
export const COEFFICIENT_UNIT = 4096
const BIAS_BITS = 20
/** How slowly the symbols' probabilities follow at last. */
const SLOWEST = 6
export const BIAS_FRACTION = 64

export interface CompactLinear {
  shift: number
  /** One for each latent channel. */
  exponents: Int8Array
  /** [CHANNELS][3][16][16] */
  symbols: Int32Array
}

export interface CompactLayer {
  shift: number
  step: number
  /** One for each input channel. */
  exponents: Int8Array
  /** In 64ths of an output. */
  bias: Int32Array
  /** [taps * length][outputs] */
  symbols: Int32Array
}

/** The layers of the restoration network, and their input channels. */
export const INPUT_CHANNELS = {
  'dec.first': 3,
  'dec.second': FEATURES,
  'dec.third': FEATURES,
  'dec.fourth': FEATURES,
  'dec.last': FEATURES,
}
export type RestorationLayer = keyof typeof INPUT_CHANNELS
const RESTORATION_LAYERS = Object.keys(INPUT_CHANNELS) as RestorationLayer[]

const forEachLayer = <T>(make: (name: RestorationLayer) => T) =>
  Object.fromEntries(RESTORATION_LAYERS.map((name) => [name, make(name)])) as Record<RestorationLayer, T>

export type LinearLayer = `dec.${Matrix}`

const forEachLinear = <T>(make: (name: LinearLayer) => T): Record<LinearLayer, T> => ({
  'dec.linear': make('dec.linear'),
  'dec.across': make('dec.across'),
  'dec.diagonal': make('dec.diagonal'),
  'dec.lowest': make('dec.lowest'),
})

export interface CompactDecoder {
  linear: Record<LinearLayer, CompactLinear>
  layers: Record<RestorationLayer, CompactLayer>
  /** Per octave, in 64ths of an output. */
  steps: [own: Int32Array, known: Int32Array]
}

export function emptyDecoder(): CompactDecoder {
  return {
    linear: forEachLinear(() => ({
      shift: 0,
      exponents: new Int8Array(CHANNELS),
      symbols: new Int32Array(CHANNELS * BLOCK_SAMPLES),
    })),
    layers: forEachLayer((name) => {
      const { taps, length, outputs } = TAPS[name]
      const [exponents, bias] = [new Int8Array(INPUT_CHANNELS[name]), new Int32Array(outputs)]
      return { shift: 0, step: 0, exponents, bias, symbols: new Int32Array(taps * length * outputs) }
    }),
    steps: [new Int32Array(FEATURES), new Int32Array(FEATURES)],
  }
}

/** With an encoder, writes `weights`; with a decoder, fills them. */
export function codeDecoder(coder: BitCoder, weights: CompactDecoder): void {
  for (const linear of Object.values(weights.linear)) codeLinear(coder, linear)
  for (const name of RESTORATION_LAYERS) codeLayer(coder, weights.layers[name], TAPS[name].outputs)
  for (const each of weights.steps) codeBiases(coder, each)
}

/** Numbers of `bits` bits each, stored with `zero` added. */
function codeAll(coder: BitCoder, values: Int32Array | Int8Array, bits: number, zero: number): void {
  for (let i = 0; i < values.length; i++) {
    const stored = values[i] + zero
    if (stored < 0 || stored >= 2 ** bits) throw new RangeError(`${values[i]}: too large for ${bits} bits`)
    values[i] = codeBits(coder, stored, bits) - zero
  }
}

const codeBiases = (coder: BitCoder, values: Int32Array) =>
  codeAll(coder, values, BIAS_BITS, 1 << (BIAS_BITS - 1))

function codeLinear(coder: BitCoder, linear: CompactLinear): void {
  linear.shift = codeBits(coder, linear.shift, 4)
  codeAll(coder, linear.exponents, 4, 0)
  const { symbols } = linear
  const coded = new AdaptiveSymbols(coder, 48, SLOWEST)
  const size = (at: number) => Math.abs(symbols[at])
  for (let channel = 0, at = 0; channel < CHANNELS; channel++)
    for (let i = 0; i < BLOCK_SAMPLES; i++, at++) {
      const [across, down] = [i % BLOCK, (i / BLOCK) & (BLOCK - 1)]
      const beside =
        2 * (across > 0 ? size(at - 1) : 0) +
        (across > 1 ? size(at - 2) : 0) +
        2 * (down > 0 ? size(at - BLOCK) : 0) +
        (down > 1 ? size(at - 2 * BLOCK) : 0) +
        (across > 0 && down > 0 ? size(at - BLOCK - 1) : 0) +
        2 * (i >= BLOCK * BLOCK ? size(at - BLOCK * BLOCK) : 0)
      const before =
        (channel > 0 ? size(at - BLOCK_SAMPLES) : 0) + (channel > 1 ? size(at - 2 * BLOCK_SAMPLES) : 0)
      const band = Math.min(2, (across + down) >> 3)
      symbols[at] = coded.code(symbols[at], classOf(beside) * 6 + band * 2 + (before > 0 ? 1 : 0))
    }
}

const classOf = (size: number) => [0, 1, 2, 3, 5, 8, 14].filter((least) => size > least).length

function codeLayer(coder: BitCoder, layer: CompactLayer, outputs: number): void {
  layer.shift = codeBits(coder, layer.shift, 4)
  layer.step = codeBits(coder, layer.step, 16)
  codeAll(coder, layer.exponents, 4, 0)
  codeBiases(coder, layer.bias)
  const { symbols } = layer
  const coded = new AdaptiveSymbols(coder, 8, SLOWEST)
  for (let at = 0; at < symbols.length; at++) {
    const beside =
      (at % outputs > 0 ? Math.abs(symbols[at - 1]) : 0) +
      (at >= outputs ? Math.abs(symbols[at - outputs]) : 0)
    symbols[at] = coded.code(symbols[at], Math.min(beside, 7))
  }
}

/** Throws RangeError if the bytes end too soon. */
export function readDecoder(bytes: Uint8Array): DecoderWeights {
  const compact = emptyDecoder()
  try {
    codeDecoder(new BitDecoder(bytes), compact)
  } catch (error) {
    if (error instanceof EndOfCode) throw new RangeError(`decoder: cut at ${bytes.length} bytes`)
    throw error
  }
  return expandDecoder(compact)
}

export function expandDecoder({ linear, layers, steps: [own, known] }: CompactDecoder): DecoderWeights {
  const perSixteenth = (perOctave: Int32Array) =>
    perOctave.map((value) => Math.round((value * 2 ** layers['dec.first'].shift) / (16 * BIAS_FRACTION)))
  return {
    layers: {
      ...forEachLinear((name) => expandLinear(linear[name])),
      ...forEachLayer((name) => expandLayer(layers[name])),
    },
    steps: [perSixteenth(own), perSixteenth(known)],
  }
}

/** From 8ths of a UNIT, 4 levels each, to 64ths of a level: times 32. */
export const LINEAR_GAIN = 32

function expandLinear({ shift, exponents, symbols }: CompactLinear): IntegerLayer {
  const weights = new Int16Array(symbols.length)
  const coefficients = new Int32Array(BLOCK_SAMPLES)
  const gain = (LINEAR_GAIN * 2 ** shift) / (BLOCK_SCALE * COEFFICIENT_UNIT)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const first = channel * BLOCK_SAMPLES
    for (let i = 0; i < BLOCK_SAMPLES; i++) coefficients[i] = symbols[first + i] * 2 ** exponents[channel]
    const block = blockOf(coefficients)
    for (let i = 0; i < BLOCK_SAMPLES; i++) weights[first + i] = Math.round(block[i] * gain)
  }
  return { weights: inOrder(weights, BLOCK_SAMPLES), bias: new Int32Array(BLOCK_SAMPLES), shift }
}

function expandLayer({ shift, step, exponents, bias, symbols }: CompactLayer): IntegerLayer {
  const outputs = bias.length
  const weights = new Int16Array(symbols.length)
  for (let at = 0, input = 0; at < symbols.length; input++) {
    const unit = step * 2 ** exponents[input % exponents.length]
    for (let o = 0; o < outputs; o++, at++) weights[at] = symbols[at] * unit
  }
  const inSums = bias.map((value) => (value * 2 ** shift) / BIAS_FRACTION)
  return { weights: inOrder(weights, outputs), bias: inSums, shift }
}
