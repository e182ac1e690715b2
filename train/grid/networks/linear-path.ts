/** The KLT of residual blocks: tiles less their upsampled, slightly noisy quarter-size pictures. */
import * as tf from '@tensorflow/tfjs'
import { BLOCK, BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { leadingEigenvectors } from './eigenvectors.ts'
import { spaceToDepth, upsample4 } from './operations.ts'

/** tiles [n, s, s, 3] on [0, 1], a few at a time -> [BLOCK_SAMPLES, CHANNELS], orthonormal columns. */
export async function residualKlt(batches: Iterable<tf.Tensor4D>, seed: number): Promise<Float32Array> {
  let covariance = tf.zeros([BLOCK_SAMPLES, BLOCK_SAMPLES])
  for (const tiles of batches) {
    const next = tf.tidy(() => {
      const quarter = tf.avgPool(tiles, 4, 4, 'valid')
      const both = tf.add(blockProducts(tiles), tf.mul(blockProducts(quarter), 0.5))
      return tf.add(covariance, both)
    })
    tf.dispose([covariance, tiles])
    covariance = next
  }
  const basis = await leadingEigenvectors(covariance as tf.Tensor2D, CHANNELS, seed)
  covariance.dispose()
  return basis
}

function blockProducts(x: tf.Tensor4D): tf.Tensor2D {
  const quarter = tf.avgPool(x, 4, 4, 'valid')
  const known = tf.add(quarter, tf.randomNormal(quarter.shape, 0, 0.02, 'float32', 1)) as tf.Tensor4D
  const blocks = tf.reshape(spaceToDepth(tf.sub(x, upsample4(known)), BLOCK), [-1, BLOCK_SAMPLES])
  return tf.div(tf.matMul(blocks, blocks, true, false), blocks.shape[0]) as tf.Tensor2D
}
