import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import type { ImageSet } from '../data/images.ts'
import { purpose, Random } from '../random.ts'
import type { Networks } from './networks.ts'

export interface PrincipalComponents {
  mean: Float32Array // [pixels]
  basis: Float32Array // [pixels, count], orthonormal columns, largest variance first
}

const oversampling = 16
const iterations = 12

/**
 * The first principal components, by subspace iteration with oversampling (Halko, Martinsson & Tropp 2011): products
 * with the covariance on the backend, orthonormalisation here in double precision.
 */
export async function principalComponents(
  set: ImageSet,
  count: number,
  seed: number,
): Promise<PrincipalComponents> {
  const pixels = sampleCount(set.shape)
  const wide = Math.min(pixels, count + oversampling)
  const random = new Random(seed, purpose.start)
  let columns = orthonormalise(
    Array.from({ length: wide }, () => Float64Array.from({ length: pixels }, () => random.normal())),
  )
  const [mean, covariance] = await meanAndCovariance(set)
  for (let i = 0; i < iterations; i++) columns = orthonormalise(await multiply(covariance, columns))
  // Within the subspace, turn to the eigenvectors.
  const images = await multiply(covariance, columns)
  const small = columns.map((a) => images.map((b) => dot(a, b)))
  const { vectors } = symmetricEigen(small)
  const basis = new Float32Array(pixels * count)
  for (let j = 0; j < count; j++)
    for (let k = 0; k < wide; k++)
      for (let p = 0; p < pixels; p++) basis[p * count + j]! += vectors[j]![k]! * columns[k]![p]!
  covariance.dispose()
  return { mean, basis }
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
    if (first) first.setWeights([first.getWeights()[0]!, minusMeanThrough(first.getWeights()[0]!)])
  })
}

async function meanAndCovariance(set: ImageSet): Promise<[Float32Array, tf.Tensor2D]> {
  const pixels = sampleCount(set.shape)
  const sums = tf.tidy(() => {
    let sum: tf.Tensor = tf.zeros([1, pixels])
    let products: tf.Tensor = tf.zeros([pixels, pixels])
    const chunk = 2000
    for (let at = 0; at < set.count; at += chunk) {
      const n = Math.min(chunk, set.count - at)
      const x = tf.div(
        tf.tensor2d(set.samples.subarray(at * pixels, (at + n) * pixels), [n, pixels], 'float32'),
        255,
      )
      const nextProducts = tf.add(products, tf.matMul(tf.transpose(x), x as tf.Tensor2D))
      const nextSum = tf.add(sum, tf.sum(x, 0, true))
      tf.dispose([products, sum, x])
      products = nextProducts
      sum = nextSum
    }
    const mean = tf.div(sum, set.count) as tf.Tensor2D
    return { mean, covariance: tf.sub(tf.div(products, set.count), tf.matMul(tf.transpose(mean), mean)) }
  })
  const mean = (await sums.mean.data()) as Float32Array
  sums.mean.dispose()
  return [Float32Array.from(mean), sums.covariance as tf.Tensor2D]
}

async function multiply(matrix: tf.Tensor2D, columns: Float64Array[]): Promise<Float64Array[]> {
  const n = matrix.shape[0]
  const flat = new Float32Array(columns.length * n)
  columns.forEach((c, i) => {
    flat.set(c, i * n)
  })
  // The matrix is symmetric: rows of columns^T times it.
  const product = await readAndDispose(
    tf.tidy(() => tf.matMul(tf.tensor2d(flat, [columns.length, n]), matrix)),
  )
  return columns.map((_, i) => Float64Array.from(product.subarray(i * n, (i + 1) * n)))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Modified Gram-Schmidt, twice over for full orthogonality. */
function orthonormalise(columns: Float64Array[]): Float64Array[] {
  for (let pass = 0; pass < 2; pass++)
    for (let i = 0; i < columns.length; i++) {
      const c = columns[i]!
      for (let j = 0; j < i; j++) {
        const along = dot(c, columns[j]!)
        for (let p = 0; p < c.length; p++) c[p]! -= along * columns[j]![p]!
      }
      const norm = Math.sqrt(dot(c, c)) || 1
      for (let p = 0; p < c.length; p++) c[p]! /= norm
    }
  return columns
}

/** Eigenvectors of a small symmetric matrix by Jacobi rotations, largest eigenvalue first. */
function symmetricEigen(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const n = matrix.length
  const a = matrix.map((row) => [...row])
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 20; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-15) continue
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!)
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cosine = 1 / Math.sqrt(t * t + 1)
        rotate(a, v, p, q, cosine, t * cosine)
      }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!)
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => v.map((row) => row[i]!)) }
}

function rotate(a: number[][], v: number[][], p: number, q: number, c: number, s: number) {
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!]
  const [rowP, rowQ] = [a[p]!, a[q]!]
  for (let k = 0; k < a.length; k++)
    [rowP[k], rowQ[k]] = [c * rowP[k]! - s * rowQ[k]!, s * rowP[k]! + c * rowQ[k]!]
  for (const row of v) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!]
}
