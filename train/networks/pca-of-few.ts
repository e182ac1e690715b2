/** Principal components of fewer images than they have samples, from the inner products of images. */
import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import type { ImageSet } from '../data/images.ts'
import type { Random } from '../random.ts'
import { combine, dot, orthonormalise, symmetricEigen } from './columns.ts'

/** With more images the products cost more than iterating over the images' samples. */
export const MOST_FEW_IMAGES = 1024
/** Samples on the device at once. */
const chunkSamples = 2 ** 22
/** The matrix is small, so these cost little. */
const iterations = 20
/** Directions in which the images vary by less than this share of the first one are rounding errors. */
const leastShare = 1e-7

/**
 * X centred has the covariance X^T X / count. An eigenvector u of X X^T [count, count] gives the covariance's own, X^T
 * u, for two passes over the samples in all (Turk & Pentland 1991). Columns that the images do not decide are random.
 */
export async function componentsOfFew(
  set: ImageSet,
  mean: Float32Array,
  count: number,
  random: Random,
): Promise<Float32Array> {
  const vectors = strongest(await imageProducts(set, mean), Math.min(count, set.count), random)
  const pixels = sampleCount(set.shape)
  const columns = await imagesTimes(set, mean, vectors)
  while (columns.length < count) columns.push(Float64Array.from({ length: pixels }, () => random.normal()))
  orthonormalise(columns)
  const basis = new Float32Array(pixels * count)
  for (const [k, column] of columns.entries())
    for (let p = 0; p < pixels; p++) basis[p * count + k] = column[p]
  return basis
}

/** X X^T, [count][count]. Sums over chunks are of doubles. */
async function imageProducts(set: ImageSet, mean: Float32Array): Promise<Float64Array[]> {
  const { count } = set
  const products = Array.from({ length: count }, () => new Float64Array(count))
  for (const chunk of chunksOf(set, mean)) {
    const part = await readAndDispose(
      tf.tidy(() => {
        const x = tf.tensor2d(chunk.samples, [count, chunk.width])
        return tf.matMul(x, x, false, true)
      }),
    )
    for (let i = 0, at = 0; i < count; i++) for (let j = 0; j < count; j++) products[i][j] += part[at++]
  }
  return products
}

/** X^T vectors, [vectors][pixels] */
async function imagesTimes(
  set: ImageSet,
  mean: Float32Array,
  vectors: Float64Array[],
): Promise<Float64Array[]> {
  const columns = vectors.map(() => new Float64Array(mean.length))
  for (const { samples, first, width } of chunksOf(set, mean)) {
    const part = await readAndDispose(
      tf.tidy(() => {
        const weights = tf.tensor2d(Float32Array.from(vectors.flatMap((v) => [...v])), [
          vectors.length,
          set.count,
        ])
        return tf.matMul(weights, tf.tensor2d(samples, [set.count, width]))
      }),
    )
    for (const [k, column] of columns.entries()) column.set(part.subarray(k * width, (k + 1) * width), first)
  }
  return columns
}

/** Some of the samples of every image, centred: [count, width] from sample `first`. */
function* chunksOf({ samples, count }: ImageSet, mean: Float32Array) {
  const pixels = mean.length
  const widest = Math.max(1, Math.floor(chunkSamples / count))
  for (let first = 0; first < pixels; first += widest) {
    const width = Math.min(widest, pixels - first)
    const chunk = new Float32Array(count * width)
    for (let i = 0, at = 0; i < count; i++)
      for (let p = first; p < first + width; p++) chunk[at++] = samples[i * pixels + p] / 255 - mean[p]
    yield { samples: chunk, first, width }
  }
}

/** Eigenvectors of the largest eigenvalues, by subspace iteration with as many columns again. */
function strongest(matrix: Float64Array[], count: number, random: Random): Float64Array[] {
  const n = matrix.length
  const times = (columns: Float64Array[]) =>
    columns.map((column) => Float64Array.from(matrix, (row) => dot(row, column)))
  let columns: Float64Array[] = Array.from({ length: Math.min(n, 2 * count) }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  )
  for (let i = 0; i < iterations; i++) columns = orthonormalise(times(orthonormalise(columns)))
  const products = times(columns)
  const { values, vectors } = symmetricEigen(columns.map((a) => products.map((b) => dot(a, b))))
  const kept = vectors.slice(0, count).filter((_, k) => values[k] > leastShare * values[0])
  if (kept.length === 0) return []
  const flat = combine(columns, kept)
  return kept.map((_, k) => Float64Array.from({ length: n }, (_, i) => flat[i * kept.length + k]))
}
