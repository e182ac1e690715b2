import type * as tf from '@tensorflow/tfjs'

/** A tensor's values. Not by dataSync(): the webgpu backend has that in browsers only. */
export async function readAndDispose(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array
  tensor.dispose()
  return values
}
