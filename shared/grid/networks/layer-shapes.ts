/** The layers of the grid codec's networks, in the order in which their weights are stored. All kernels are HWIO. */
import { BLOCK_SAMPLES, CHANNELS, DECODER, ENCODER, KNOWN_SAMPLES } from '../grid-shape.ts'

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

type EncoderLayer = keyof typeof ENCODER_LAYERS
type DecoderLayer = keyof typeof DECODER_LAYERS
export type LayerName = EncoderLayer | DecoderLayer
export const LAYERS: Record<LayerName, LayerShape> = { ...DECODER_LAYERS, ...ENCODER_LAYERS }

export const kernelLength = ({ size, inputs, outputs }: LayerShape) => size * size * inputs * outputs
export const weightCount = (shapes: Record<string, LayerShape>) =>
  Object.values(shapes).reduce(
    (sum, shape) => sum + kernelLength(shape) + (shape.bias ? shape.outputs : 0),
    0,
  )
