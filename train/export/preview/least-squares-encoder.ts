/**
 * A preview's encoder: its decoder is linear, so the latent whose picture has the least squared error is linear in the image,
 * too. A trained network of ten times the size gave latents no better, as the search for symbols refines either.
 */
import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../../../shared/manifest.ts'
import type { LayersFile } from '../../../shared/network/layers/layers-file.ts'
import type { PreviewParameters } from '../../../shared/preview/parameters.ts'
import { matrixPower } from '../../networks/columns.ts'
import { BANDS, dctBasis } from '../../networks/dct.ts'
import { STEP_WEIGHT } from '../../networks/weight-grid.ts'
import { saveLayers } from '../save-layers.ts'

/** A bias counts in halves of 1/255. */
const BIAS = 1 / 2 / 255

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
  const solution = leastSquares(decoderRows(parameters))
  tf.tidy(() => {
    const toLatents = tf.tensor2d(solution) // [latents, coefficients]
    const basis = tf.tensor2d(dctBasis(shape, BANDS), [parameters.coefficients, pixels])
    const bias = tf.tensor2d([...parameters.bias], [parameters.coefficients, 1])
    const offsets = tf.mul(tf.matMul(toLatents, bias), -BIAS)
    linear.setWeights([tf.matMul(basis, toLatents, true, true), tf.reshape(offsets, [latents])])
  })
  const file = await saveLayers(model)
  model.dispose()
  return file
}

/** What each dimension adds to the coefficients, in samples on [0, 1], for a latent of one coarsest step. */
const decoderRows = ({ latents, coefficients, weights, shifts }: PreviewParameters): number[][] =>
  Array.from({ length: latents }, (_, d) =>
    Array.from(
      weights.subarray(d * coefficients, (d + 1) * coefficients),
      (weight) => weight * 2 ** shifts[d] * STEP_WEIGHT,
    ),
  )

/** rows [n][m], independent -> inverse(rows rows') rows. [n][m] */
function leastSquares(rows: number[][]): number[][] {
  const products = rows.map((a) => rows.map((b) => a.reduce((sum, value, j) => sum + value * b[j], 0)))
  return matrixPower(products, -1).map((weights) =>
    rows[0].map((_, j) => weights.reduce((sum, weight, i) => sum + weight * rows[i][j], 0)),
  )
}
