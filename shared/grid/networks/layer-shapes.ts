/** The networks' layers. Convolutions without stride or gaps, "same" borders of zeros; training has kernels as HWIO. */
import { BLOCK, BLOCK_SAMPLES, CHANNELS, KNOWN_SAMPLES } from '../grid-shape.ts'
import { DECODER, ENCODER } from './channels.ts'

export interface LayerShape {
  size: number
  inputs: number
  outputs: number
  bias: boolean
}

const { fine, mid, deep } = ENCODER
const { first, eighth, quarter } = DECODER
const layer = (size: number, inputs: number, outputs: number, bias = true): LayerShape => ({
  size,
  inputs,
  outputs,
  bias,
})

export const ENCODER_LAYERS = {
  'enc.linear': layer(1, BLOCK_SAMPLES, CHANNELS, false),
  'enc.fine1': layer(3, 96, fine),
  'enc.fine2': layer(3, fine, fine),
  'enc.mid1': layer(1, 4 * fine, mid),
  'enc.mid2': layer(3, mid, mid),
  'enc.deep1': layer(1, 4 * mid, deep),
  'enc.deep2': layer(3, deep, deep),
  'enc.last': layer(1, deep, CHANNELS),
}

export const DECODER_LAYERS = {
  'dec.linear': layer(1, CHANNELS, BLOCK_SAMPLES, false),
  'dec.first': layer(1, CHANNELS + KNOWN_SAMPLES + 2, first),
  'dec.eighth': layer(3, first, 4 * eighth),
  'dec.quarter': layer(3, eighth, 4 * quarter),
  'dec.pixels': layer(3, quarter, 48),
}

export type EncoderLayer = keyof typeof ENCODER_LAYERS
export type DecoderLayer = keyof typeof DECODER_LAYERS
export type LayerName = EncoderLayer | DecoderLayer
export const LAYERS: Record<LayerName, LayerShape> = { ...DECODER_LAYERS, ...ENCODER_LAYERS }

export const kernelLength = ({ size, inputs, outputs }: LayerShape) => size * size * inputs * outputs
export const weightCount = (shapes: Record<string, LayerShape>) =>
  Object.values(shapes).reduce(
    (sum, shape) => sum + kernelLength(shape) + (shape.bias ? shape.outputs : 0),
    0,
  )

/**
 * The same layers as convolve.wat takes them: an output pixel is made of `taps` stretches of `length` neighbouring
 * values. What training has as channels of a coarser grid lies here as the pixels they stand for.
 */
export interface TapShape {
  taps: number
  length: number
  outputs: number
  /** Pixels above and to the left of the output's own. */
  before: number
}

const taps = (size: number, before: number, channels: number, outputs: number): TapShape => ({
  taps: size,
  length: size * channels,
  outputs,
  before,
})

export const TAPS: Record<LayerName, TapShape> = {
  'enc.linear': taps(BLOCK, 0, 3, CHANNELS),
  'enc.fine1': taps(12, 4, 6, fine), // 3 x 3 cells of 4 x 4 pixels
  'enc.fine2': taps(3, 1, fine, fine),
  'enc.mid1': taps(2, 0, fine, mid),
  'enc.mid2': taps(3, 1, mid, mid),
  'enc.deep1': taps(2, 0, mid, deep),
  'enc.deep2': taps(3, 1, deep, deep),
  'enc.last': taps(1, 0, deep, CHANNELS),
  'dec.linear': taps(1, 0, CHANNELS, BLOCK_SAMPLES),
  'dec.first': taps(1, 0, CHANNELS + KNOWN_SAMPLES, first), // the two steps are in its bias
  'dec.eighth': taps(3, 1, first, 4 * eighth),
  'dec.quarter': taps(3, 1, eighth, 4 * quarter),
  'dec.pixels': taps(3, 1, quarter, 48),
}

export const tapWeights = ({ taps, length, outputs }: TapShape) => taps * length * outputs
