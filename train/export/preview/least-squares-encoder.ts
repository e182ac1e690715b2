/**
 * A preview's encoder: its decoder is linear, so the latent whose picture has the least squared error is linear in the image,
 * too. A trained network of ten times the size gave latents no better, as the search for symbols refines either.
 */
import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../../../shared/manifest.ts'
import type { LayersFile } from '../../../shared/network/layers/layers-file.ts'
import type { PreviewParameters } from '../../../shared/preview/parameters.ts'
import { dot, leastSquares } from '../../networks/columns.ts'
import { BANDS, dctBasis } from '../../networks/dct.ts'
import { BIAS_UNIT, STEP_WEIGHT } from '../../networks/weight-grid.ts'
import { saveLayers } from '../save-layers.ts'

export async function leastSquaresEncoder(
  parameters: PreviewParameters,
  shape: ImageShape,
): Promise<LayersFile> {
  const { latents } = parameters
  const pixels = sampleCount(shape)
  const input = tf.input({ shape: [pixels], name: 'image' })
  const linear = tf.layers.dense({ name: 'linear', units: latents, kernelInitializer: 'zeros' })
  const output = linear.apply(input) as tf.SymbolicTensor
  const model = tf.model({ inputs: input, outputs: output, name: 'encoder' })
  const { kernel, offsets } = solutionOf(parameters, shape)
  tf.tidy(() => linear.setWeights([tf.tensor2d(kernel, [pixels, latents]), tf.tensor1d(offsets)]))
  const file = await saveLayers(model)
  model.dispose()
  return file
}

/** In doubles, as backends differ in how they add up products. kernel: [pixels, latents], offsets: [latents] */
function solutionOf(parameters: PreviewParameters, shape: ImageShape) {
  const toLatents = leastSquares(decoderRows(parameters)) // [latents][coefficients]
  const basis = dctBasis(shape, BANDS) // [coefficients, pixels]
  const pixels = sampleCount(shape)
  const kernel = new Float64Array(pixels * toLatents.length)
  for (const [d, row] of toLatents.entries())
    for (const [j, weight] of row.entries())
      for (let i = 0; i < pixels; i++) kernel[i * toLatents.length + d] += weight * basis[j * pixels + i]
  const offsets = toLatents.map((row) => -dot(row, Float64Array.from(parameters.bias)) * BIAS_UNIT)
  return { kernel: Float32Array.from(kernel), offsets }
}

/** What each dimension adds to the coefficients, in samples on [0, 1], for a latent of one coarsest step. */
const decoderRows = ({ latents, coefficients, weights, shifts }: PreviewParameters): number[][] =>
  Array.from({ length: latents }, (_, d) =>
    Array.from(
      weights.subarray(d * coefficients, (d + 1) * coefficients),
      (weight) => weight * 2 ** shifts[d] * STEP_WEIGHT,
    ),
  )
