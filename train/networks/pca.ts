import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import { firstImages, type ImageSet } from '../data/images.ts'
import { purpose, Random } from '../random.ts'
import type { Networks } from './networks.ts'

export interface PrincipalComponents {
  mean: Float32Array // [pixels]
  basis: Float32Array // [pixels, count], orthonormal columns, largest variance first
}

const oversampling = 16
const mostIterations = 12
/** Some of the images come near; a few more iterations over all of them do the rest. */
const roughImages = 4000
/** Iteration ends when the variance captured grows by less than this share. */
const tolerance = 1e-4
/** Images on the device at once, in samples. */
const chunkSamples = 2 ** 22

/**
 * The first principal components, by subspace iteration with oversampling (Halko, Martinsson & Tropp 2011). The
 * covariance is never formed: its product with the columns goes over the images, batch by batch, on the backend, so
 * memory grows with pixels times `count`. Orthonormalisation is done here, in double precision.
 */
export async function principalComponents(
  set: ImageSet,
  count: number,
  seed: number,
): Promise<PrincipalComponents> {
  const pixels = sampleCount(set.shape)
  const wide = Math.min(pixels, count + oversampling)
  const random = new Random(seed, purpose.start)
  const mean = meanOf(set)
  let columns = orthonormalise(
    Array.from({ length: wide }, () => Float64Array.from({ length: pixels }, () => random.normal())),
  )
  let images = columns
  for (const some of set.count > roughImages ? [firstImages(set, roughImages), set] : [set]) {
    let captured = 0
    for (let i = 0; i < mostIterations; i++) {
      if (images !== columns) columns = orthonormalise(images)
      images = await covarianceTimes(some, mean, columns)
      const before = captured
      captured = trace(columns, images)
      if (captured - before <= tolerance * captured) break
    }
  }
  const { vectors } = symmetricEigen(columns.map((a) => images.map((b) => dot(a, b))))
  return { mean, basis: combine(columns, vectors.slice(0, count)) }
}

/** Sets the linear layers to the projection and its transpose; biases take the mean, also before the first layer. */
export function startAtPrincipalComponents(
  { encoder: { model }, decoder }: Networks,
  { mean, basis }: PrincipalComponents,
): void {
  tf.tidy(() => {
    const pixels = mean.length
    const projection = tf.tensor2d(basis, [pixels, basis.length / pixels])
    const centre = tf.tensor2d(mean, [1, pixels])
    const minusMeanThrough = (kernel: tf.Tensor) =>
      tf.neg(tf.reshape(tf.matMul(centre, kernel as tf.Tensor2D), [-1]))
    model.getLayer('linear').setWeights([projection, minusMeanThrough(projection)])
    // A tensor of its own: tfjs-backend-wasm 4.22 takes a reshaped bias for one of rank 2, and refuses it.
    decoder.getLayer('linear').setWeights([tf.transpose(projection), tf.tensor1d(mean)])
    const first = model.layers.find(({ name }) => name === 'hidden1')
    if (first) first.setWeights([first.getWeights()[0], minusMeanThrough(first.getWeights()[0])])
  })
}

/** Within the subspace, turned to the eigenvectors. [pixels, vectors] */
export function combine(columns: Float64Array[], vectors: number[][]): Float32Array {
  const pixels = columns[0].length
  const basis = new Float32Array(pixels * vectors.length)
  vectors.forEach((vector, j) => {
    const sum = new Float64Array(pixels)
    vector.forEach((weight, k) => {
      const column = columns[k]
      for (let p = 0; p < pixels; p++) sum[p] += weight * column[p]
    })
    for (let p = 0; p < pixels; p++) basis[p * vectors.length + j] = sum[p]
  })
  return basis
}

/** On [0,1] samples. [pixels] */
function meanOf({ samples, count, shape }: ImageSet): Float32Array {
  const sums = new Float64Array(sampleCount(shape))
  for (let i = 0, p = 0; i < samples.length; i++) {
    sums[p] += samples[i]
    if (++p === sums.length) p = 0
  }
  return Float32Array.from(sums, (sum) => sum / count / 255)
}

/** X centred, X^T (X columns) / count: the covariance times the columns. [columns][pixels] */
async function covarianceTimes(
  { samples, count, shape }: ImageSet,
  mean: Float32Array,
  columns: Float64Array[],
): Promise<Float64Array[]> {
  const pixels = sampleCount(shape)
  const chunk = Math.max(1, Math.floor(chunkSamples / pixels))
  const wide = columns.length
  const product = tf.tidy(() => {
    const basis = tf.tensor2d(interleave(columns), [pixels, wide])
    const meanLatent = tf.matMul(tf.tensor2d(mean, [1, pixels]), basis)
    let sum = tf.zeros([pixels, wide]) as tf.Tensor2D
    for (let first = 0; first < count; first += chunk) {
      const n = Math.min(chunk, count - first)
      const before = sum
      sum = tf.tidy(() => {
        const x = tf.div(
          tf.tensor2d(samples.subarray(first * pixels, (first + n) * pixels), [n, pixels], 'float32'),
          255,
        ) as tf.Tensor2D
        // Centring the latents is enough: then they sum to zero, and the mean adds nothing to the second product.
        const latents = tf.sub(tf.matMul(x, basis), meanLatent) as tf.Tensor2D
        return tf.add(before, tf.matMul(x, latents, true, false)) as tf.Tensor2D
      })
      before.dispose()
    }
    return tf.div(sum, count)
  })
  const values = await readAndDispose(product)
  return columns.map((_, i) => Float64Array.from({ length: pixels }, (_, p) => values[p * wide + i]))
}

/** [columns][pixels] -> [pixels, columns] */
function interleave(columns: Float64Array[]): Float32Array {
  const values = new Float32Array(columns.length * columns[0].length)
  columns.forEach((column, i) => {
    for (let p = 0; p < column.length; p++) values[p * columns.length + i] = column[p]
  })
  return values
}

const trace = (columns: Float64Array[], images: Float64Array[]) =>
  columns.reduce((sum, column, i) => sum + dot(column, images[i]), 0)

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** Modified Gram-Schmidt, in place; a column that became much shorter is made orthogonal once more. */
export function orthonormalise(columns: Float64Array[]): Float64Array[] {
  columns.forEach((column, i) => {
    const before = columns.slice(0, i)
    const length = Math.sqrt(dot(column, column))
    removeComponents(column, before)
    const left = Math.sqrt(dot(column, column))
    if (left < 0.5 * length) {
      scale(column, left)
      removeComponents(column, before)
    }
    scale(column, Math.sqrt(dot(column, column)))
  })
  return columns
}

function removeComponents(column: Float64Array, orthonormal: Float64Array[]): void {
  for (const other of orthonormal) {
    const along = dot(column, other)
    for (let p = 0; p < column.length; p++) column[p] -= along * other[p]
  }
}

function scale(column: Float64Array, length: number): void {
  const factor = 1 / (length || 1)
  for (let p = 0; p < column.length; p++) column[p] *= factor
}

/** Eigenvectors of a small symmetric matrix by Jacobi rotations, largest eigenvalue first. */
export function symmetricEigen(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const n = matrix.length
  const a = matrix.map((row) => [...row])
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 20; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-15) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cosine = 1 / Math.sqrt(t * t + 1)
        rotate(a, v, p, q, cosine, t * cosine)
      }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i])
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v.map((row) => row[i])) }
}

function rotate(a: number[][], v: number[][], p: number, q: number, c: number, s: number) {
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]]
  const [rowP, rowQ] = [a[p], a[q]]
  for (let k = 0; k < a.length; k++)
    [rowP[k], rowQ[k]] = [c * rowP[k] - s * rowQ[k], s * rowP[k] + c * rowQ[k]]
  for (const row of v) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]]
}
