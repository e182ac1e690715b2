/**
 * The decoder of previews: a linear layer from the latent to DCT coefficients of the picture's planes, then the fixed
 * inverse transform. Only the matrix is learned; shared/preview draws the same coefficients in integers.
 */
import * as tf from '@tensorflow/tfjs'
import type { ImageShape } from '../../shared/manifest.ts'
import { sampleCount } from '../../shared/manifest.ts'

/** Frequencies with u + v below these are kept, of luma and of each of the two chroma planes. */
interface Bands {
  luma: number
  chroma: number
}
export const BANDS: Bands = { luma: 16, chroma: 12 }

/** Unit directions of the planes in RGB: luma, red - blue, green - magenta (shared/preview/draw.ts). */
export const DIRECTIONS = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
  [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
]

interface Coefficient {
  plane: number
  u: number
  v: number
}

/** In the order of decoder.bin (shared/preview/parameters.ts). */
export function coefficientsOf({ luma, chroma }: Bands): Coefficient[] {
  const all: Coefficient[] = []
  for (const [plane, band] of [luma, chroma, chroma].entries())
    for (let v = 0; v < band; v++) for (let u = 0; u + v < band; u++) all.push({ plane, u, v })
  return all
}

/** An orthonormal basis of the pictures that the decoder can draw. [coefficients, pixels] */
export function dctBasis({ height, width, channels }: ImageShape, bands: Bands): Float32Array {
  const coefficients = coefficientsOf(bands)
  const basis = new Float32Array(coefficients.length * height * width * channels)
  let at = 0
  for (const { plane, u, v } of coefficients)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          basis[at++] = DIRECTIONS[plane][c] * cosine(v, y, height) * cosine(u, x, width)
  return basis
}

const cosine = (frequency: number, position: number, size: number) =>
  Math.sqrt((frequency === 0 ? 1 : 2) / size) *
  Math.cos((Math.PI * (2 * position + 1) * frequency) / (2 * size))

/** latent [n, latent] -> samples [n, h * w * c]: the layer `linear` learns, `synthesis` does not. */
export function buildDctDecoder(shape: ImageShape, latent: number, bands: Bands = BANDS): tf.LayersModel {
  if (shape.channels !== 3) throw new Error('a dct decoder draws colour: expected images of 3 channels')
  const units = coefficientsOf(bands).length
  const input = tf.input({ shape: [latent], name: 'latent' })
  const linear = tf.layers.dense({ name: 'linear', units, kernelInitializer: 'zeros' })
  const synthesis = tf.layers.dense({ name: 'synthesis', units: sampleCount(shape), trainable: false })
  const model = tf.model({
    name: 'decoder',
    inputs: input,
    outputs: synthesis.apply(linear.apply(input)) as tf.SymbolicTensor,
  })
  const basis = tf.tensor2d(dctBasis(shape, bands), [units, sampleCount(shape)])
  synthesis.setWeights([basis, tf.zeros([sampleCount(shape)])])
  basis.dispose()
  return model
}
