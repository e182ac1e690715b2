import * as tf from '@tensorflow/tfjs'
import { DepthToSpace } from '../../node/tensorflow/layers.ts'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'

/**
 * The encoder and decoder families, as functional tf.layers models over flat buffers:
 * encoder [n, h*w*c] -> [n, latent], decoder [n, latent] -> [n, h*w*c]. Any encoder goes with any decoder.
 *
 * With `linearPath` a Dense layer runs beside the family's network and their outputs are added. These layers start as
 * the PCA basis and its transpose, and the network's last layer at zero, so the pair starts at PCA's quality and only
 * improves. Without them training has to find those directions first.
 */
export const families = ['mlp', 'cnn', 'rnn', 'lstm', 'gru'] as const
export type Family = (typeof families)[number]
/** Decoders can also be of the family in dct.ts. */
export const decoderFamilies = [...families, 'dct'] as const
export type DecoderFamily = (typeof decoderFamilies)[number]

export interface NetworkSpec {
  family: Family
  shape: ImageShape
  latent: number
  /**
   * From the image to the latent, in the encoder and (in reverse) in the decoder: widths of Dense layers (mlp),
   * channels after each halving of the image (cnn), recurrent units (rnn, lstm, gru: exactly one number).
   */
  widths: number[]
  linearPath: boolean
  /** After the encoder's last layer: the textbook's code is a ReLU layer. */
  latentActivation: 'linear' | 'relu'
  /** After the decoder's last layer: `sigmoid` for pixels in [0,1]; the linear path needs `linear`. */
  outputActivation: 'linear' | 'sigmoid'
  seed: number
}

/** Dense layers to and from the pixels have no more weights than this. */
const denseWeights = 2 ** 24

/** Narrower for large images (mlp: 256,128 up to 128x128x3, 64,32 at 256x256x3); see NetworkSpec.widths. */
export function defaultWidths(family: DecoderFamily, shape: ImageShape): number[] {
  switch (family) {
    case 'mlp': {
      const fitting = 2 ** Math.floor(Math.log2(denseWeights / sampleCount(shape)))
      const first = Math.max(16, Math.min(256, fitting))
      return [first, first / 2]
    }
    case 'cnn':
      return [16, 32]
    case 'dct':
      return []
    default:
      return [128]
  }
}

/** Inputs of a recurrent decoder per row of the image. */
const rowFeatures = 32

/** Glorot weights, with a seed for each layer. Drawn in JavaScript, so they are the same on every backend. */
function seededInitializers(seed: number) {
  let next = seed * 1000
  return {
    glorot: () => tf.initializers.glorotUniform({ seed: next++ }),
    orthogonal: () => tf.initializers.orthogonal({ gain: 1, seed: next++ }),
  }
}
type Initializers = ReturnType<typeof seededInitializers>

export interface EncoderNetwork {
  model: tf.LayersModel
  /** What the last layer reads, for a second head beside it (the variance of a VAE). */
  features: tf.SymbolicTensor
}

export function buildEncoder(spec: NetworkSpec): EncoderNetwork {
  const initializers = seededInitializers(2 * spec.seed)
  const input = tf.input({ shape: [sampleCount(spec.shape)], name: 'image' })
  const features = encoderFeatures(spec, input, initializers)
  const code = tf.layers.dense({
    name: 'code',
    units: spec.latent,
    kernelInitializer: spec.linearPath ? 'zeros' : initializers.glorot(),
    activation: spec.linearPath ? 'linear' : spec.latentActivation,
  })
  let latent = code.apply(features) as tf.SymbolicTensor
  if (spec.linearPath) {
    const linear = tf.layers.dense({
      name: 'linear',
      units: spec.latent,
      kernelInitializer: initializers.glorot(),
    })
    latent = add(linear.apply(input) as tf.SymbolicTensor, latent, spec.latentActivation)
  }
  return { model: tf.model({ name: 'encoder', inputs: input, outputs: latent }), features }
}

export function buildDecoder(spec: NetworkSpec): tf.LayersModel {
  const initializers = seededInitializers(2 * spec.seed + 1)
  const input = tf.input({ shape: [spec.latent], name: 'latent' })
  const last = spec.linearPath ? 'zeros' : initializers.glorot()
  let image = decoderImage(spec, input, last, initializers)
  if (spec.linearPath) {
    const linear = tf.layers.dense({
      name: 'linear',
      units: sampleCount(spec.shape),
      kernelInitializer: initializers.glorot(),
    })
    image = add(linear.apply(input) as tf.SymbolicTensor, image, 'linear')
  }
  return tf.model({ name: 'decoder', inputs: input, outputs: image })
}

function encoderFeatures(spec: NetworkSpec, input: tf.SymbolicTensor, { glorot, orthogonal }: Initializers) {
  const { height, width, channels } = spec.shape
  let x = input
  switch (spec.family) {
    case 'mlp':
      for (const [i, units] of spec.widths.entries())
        x = dense(`hidden${i + 1}`, units, glorot()).apply(x) as tf.SymbolicTensor
      return x
    case 'cnn':
      checkHalvings(spec)
      x = reshape('pixels', [height, width, channels], x)
      for (const [i, filters] of spec.widths.entries())
        x = conv(`conv${i + 1}`, filters, 2, glorot()).apply(x) as tf.SymbolicTensor
      return tf.layers.flatten({ name: 'flat' }).apply(x) as tf.SymbolicTensor
    default:
      // The state after each row, not only after the last, by which a plain RNN has forgotten the first rows.
      x = reshape('rows', [height, width * channels], x)
      x = recurrent(spec, glorot(), orthogonal()).apply(x) as tf.SymbolicTensor // [n, height, units]
      return tf.layers.flatten({ name: 'states' }).apply(x) as tf.SymbolicTensor
  }
}

function decoderImage(
  spec: NetworkSpec,
  input: tf.SymbolicTensor,
  last: 'zeros' | Glorot,
  init: Initializers,
) {
  const { height, width, channels } = spec.shape
  const widths = [...spec.widths].reverse()
  const activation = spec.outputActivation
  const output = { name: 'pixels', kernelInitializer: last, activation }
  let x = input
  switch (spec.family) {
    case 'mlp':
      for (const [i, units] of widths.entries())
        x = dense(`hidden${i + 1}`, units, init.glorot()).apply(x) as tf.SymbolicTensor
      return tf.layers.dense({ ...output, units: sampleCount(spec.shape) }).apply(x) as tf.SymbolicTensor
    case 'cnn': {
      checkHalvings(spec)
      const [h, w] = [height >> widths.length, width >> widths.length]
      x = dense('hidden', h * w * widths[0], init.glorot()).apply(x) as tf.SymbolicTensor
      x = reshape('map', [h, w, widths[0]], x)
      for (const [i, filters] of widths.slice(1).entries()) {
        x = conv(`conv${i + 1}`, 4 * filters, 1, init.glorot()).apply(x) as tf.SymbolicTensor
        x = new DepthToSpace({ name: `up${i + 1}`, blockSize: 2 }).apply(x) as tf.SymbolicTensor
      }
      const toPixels = { ...output, filters: 4 * channels, kernelSize: 3, padding: 'same' as const }
      x = tf.layers.conv2d(toPixels).apply(x) as tf.SymbolicTensor
      x = new DepthToSpace({ name: `up${widths.length}`, blockSize: 2 }).apply(x) as tf.SymbolicTensor
      return reshape('flat', [sampleCount(spec.shape)], x)
    }
    default:
      // Each row has its own input: rows that are unrolled from one repeated vector are slow to become different.
      x = dense('hidden', height * rowFeatures, init.glorot()).apply(x) as tf.SymbolicTensor
      x = reshape('rows', [height, rowFeatures], x)
      x = recurrent(spec, init.glorot(), init.orthogonal()).apply(x) as tf.SymbolicTensor // [n, height, units]
      x = tf.layers.dense({ ...output, units: width * channels }).apply(x) as tf.SymbolicTensor // each row
      return reshape('flat', [sampleCount(spec.shape)], x)
  }
}
type Glorot = ReturnType<Initializers['glorot']>

function dense(name: string, units: number, kernelInitializer: Glorot) {
  return tf.layers.dense({ name, units, kernelInitializer, activation: 'relu' })
}

function conv(name: string, filters: number, strides: number, kernelInitializer: Glorot) {
  const args = {
    name,
    filters,
    strides,
    kernelInitializer,
    kernelSize: 3,
    padding: 'same',
    activation: 'relu',
  }
  return tf.layers.conv2d(args as Parameters<typeof tf.layers.conv2d>[0])
}

function recurrent(spec: NetworkSpec, kernelInitializer: Glorot, recurrentInitializer: Glorot) {
  const { family, widths } = spec
  const args = {
    name: family,
    units: widths[0],
    returnSequences: true,
    kernelInitializer,
    recurrentInitializer,
  }
  if (family === 'lstm') return tf.layers.lstm(args)
  if (family === 'gru') return tf.layers.gru(args)
  return tf.layers.simpleRNN(args)
}

function reshape(name: string, targetShape: number[], x: tf.SymbolicTensor) {
  return tf.layers.reshape({ name, targetShape }).apply(x) as tf.SymbolicTensor
}

function add(a: tf.SymbolicTensor, b: tf.SymbolicTensor, activation: 'linear' | 'relu') {
  const sum = tf.layers.add({ name: 'sum' }).apply([a, b]) as tf.SymbolicTensor
  return activation === 'relu' ? (tf.layers.reLU({ name: 'relu' }).apply(sum) as tf.SymbolicTensor) : sum
}

function checkHalvings({ shape, widths }: NetworkSpec) {
  const factor = 2 ** widths.length
  if (shape.height % factor || shape.width % factor)
    throw new Error(
      `a cnn of ${widths.length} halvings needs height and width divisible by ${factor}, got ${shape.height}x${shape.width}`,
    )
}
