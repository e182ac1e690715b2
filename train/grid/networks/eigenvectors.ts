import * as tf from '@tensorflow/tfjs'
import { readAndDispose } from '../../backends/read-tensor.ts'
import { combine, dot, orthonormalise, symmetricEigen } from '../../networks/columns.ts'
import { purpose, Random } from '../../random.ts'

const oversampling = 16
const iterations = 12

/** The eigenvectors of the largest eigenvalues of a covariance [n, n], by subspace iteration: [n, count], orthonormal columns. */
export async function leadingEigenvectors(
  covariance: tf.Tensor2D,
  count: number,
  seed: number,
): Promise<Float32Array> {
  const n = covariance.shape[0]
  const random = new Random(seed, purpose.start)
  const wide = Math.min(n, count + oversampling)
  let columns: Float64Array[] = Array.from({ length: wide }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  )
  for (let i = 0; i < iterations; i++) columns = await times(covariance, orthonormalise(columns))
  columns = orthonormalise(columns)
  const images = await times(covariance, columns)
  const { vectors } = symmetricEigen(columns.map((a) => images.map((b) => dot(a, b))))
  return combine(columns, vectors.slice(0, count))
}

/** The matrix is symmetric: rows of columns^T times it. */
async function times(matrix: tf.Tensor2D, columns: Float64Array[]): Promise<Float64Array[]> {
  const n = matrix.shape[0]
  const flat = new Float32Array(columns.length * n)
  for (const [i, column] of columns.entries()) flat.set(column, i * n)
  const product = await readAndDispose(
    tf.tidy(() => tf.matMul(tf.tensor2d(flat, [columns.length, n]), matrix)),
  )
  return columns.map((_, i) => Float64Array.from(product.subarray(i * n, (i + 1) * n)))
}
