import type * as tf from '@tensorflow/tfjs'

/** A tensor's values. Not by dataSync(), which the webgpu backend only has in browsers. */
export async function readAndDispose(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array
  tensor.dispose()
  return values
}
