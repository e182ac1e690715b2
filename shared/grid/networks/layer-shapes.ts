/** The layers. Convolutions without stride or gaps unless said; training has kernels as HWIO. */
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../grid-shape.ts'
import { FEATURES } from './channels.ts'

export interface LayerShape {
  size: number
  inputs: number
  outputs: number
  bias: boolean
}

const layer = (size: number, inputs: number, outputs: number, bias = true): LayerShape => ({
  size,
  inputs,
  outputs,
  bias,
})

/** Pixels of a cell, across and down: the restoration network works on cells. */
export const CELL = 4
/** Pixels around a cell that the network's first layer sees too. */
export const AROUND_CELL = 2
const CELL_SAMPLES = CELL * CELL * 3
const SEEN = CELL + 2 * AROUND_CELL

const TRAINED_ENCODER_LAYERS = {
  'enc.linear': layer(1, BLOCK_SAMPLES, CHANNELS, false),
  'enc.lowest': layer(1, BLOCK_SAMPLES, CHANNELS, false), // in its place on the lowest level
}

/** Found when a model is exported, for blocks of one orientation. */
const ORIENTED_ENCODER_LAYERS = {
  'enc.across': layer(1, BLOCK_SAMPLES, CHANNELS, false),
  'enc.diagonal': layer(1, BLOCK_SAMPLES, CHANNELS, false),
}
const ORIENTED_DECODER_LAYERS = {
  'dec.across': layer(1, CHANNELS, BLOCK_SAMPLES, false),
  'dec.diagonal': layer(1, CHANNELS, BLOCK_SAMPLES, false),
}

const TRAINED_DECODER_LAYERS = {
  'dec.linear': layer(1, CHANNELS, BLOCK_SAMPLES, false),
  'dec.lowest': layer(1, CHANNELS, BLOCK_SAMPLES, false),
  'dec.first': layer(SEEN, 3, FEATURES), // one output for CELL x CELL pixels
  'dec.second': layer(3, FEATURES, FEATURES),
  'dec.third': layer(3, FEATURES, FEATURES),
  'dec.fourth': layer(3, FEATURES, FEATURES),
  'dec.last': layer(1, FEATURES, CELL_SAMPLES),
}

/** What a natural logarithm adds to dec.first's bias: of the level's quantization step, and of the known picture's. */
const STEP_LAYERS = { 'dec.steps': layer(1, 2, FEATURES, false) }

export const ENCODER_LAYERS = { ...TRAINED_ENCODER_LAYERS, ...ORIENTED_ENCODER_LAYERS }
export const DECODER_LAYERS = { ...TRAINED_DECODER_LAYERS, ...ORIENTED_DECODER_LAYERS }

export type EncoderLayer = keyof typeof ENCODER_LAYERS
export type DecoderLayer = keyof typeof DECODER_LAYERS
export type LayerName = EncoderLayer | DecoderLayer
export type TrainedName =
  | keyof typeof TRAINED_ENCODER_LAYERS
  | keyof typeof TRAINED_DECODER_LAYERS
  | keyof typeof STEP_LAYERS
/** All that is trained, in the order of checkpoints. */
export const LAYERS: Record<TrainedName, LayerShape> = {
  ...TRAINED_DECODER_LAYERS,
  ...STEP_LAYERS,
  ...TRAINED_ENCODER_LAYERS,
}

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
  'enc.lowest': taps(BLOCK, 0, 3, CHANNELS),
  'enc.across': taps(BLOCK, 0, 3, CHANNELS),
  'enc.diagonal': taps(BLOCK, 0, 3, CHANNELS),
  'dec.linear': taps(1, 0, CHANNELS, BLOCK_SAMPLES),
  'dec.lowest': taps(1, 0, CHANNELS, BLOCK_SAMPLES),
  'dec.across': taps(1, 0, CHANNELS, BLOCK_SAMPLES),
  'dec.diagonal': taps(1, 0, CHANNELS, BLOCK_SAMPLES),
  'dec.first': taps(SEEN, AROUND_CELL, 3, FEATURES),
  'dec.second': taps(3, 1, FEATURES, FEATURES),
  'dec.third': taps(3, 1, FEATURES, FEATURES),
  'dec.fourth': taps(3, 1, FEATURES, FEATURES),
  'dec.last': taps(1, 0, FEATURES, CELL_SAMPLES),
}

export const tapWeights = ({ taps, length, outputs }: TapShape) => taps * length * outputs
