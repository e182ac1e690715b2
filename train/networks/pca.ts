import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import { firstImages, type ImageSet } from '../data/images.ts'
import { purpose, Random } from '../random.ts'
import { combine, dot, orthonormalise, symmetricEigen } from './columns.ts'
import type { Networks } from './networks.ts'
import { componentsOfFew, MOST_FEW_IMAGES } from './pca-of-few.ts'

export interface PrincipalComponents {
  mean: Float32Array // [pixels]
  basis: Float32Array // [pixels, count], orthonormal columns, largest variance first
}

const oversampling = 16
const mostIterations = 12
/** A subset of the images comes close; a few more iterations over all of them do the rest. */
const roughImages = 4000
/** Iteration ends once the captured variance grows by less than this share. */
const tolerance = 1e-4
/** Images on the device at once, in samples. */
const chunkSamples = 2 ** 22

/**
 * The first principal components, by subspace iteration with oversampling (Halko, Martinsson & Tropp 2011). The
 * covariance is never formed: its product with the columns goes over the images, batch by batch, on the backend, so
 * memory grows with pixels times `count`. Orthonormalisation is done here, in double precision. For few images see
 * pca-of-few.ts.
 */
export async function principalComponents(
  set: ImageSet,
  count: number,
  seed: number,
): Promise<PrincipalComponents> {
  const mean = meanOf(set)
  const random = new Random(seed, purpose.start)
  const areFew = set.count < sampleCount(set.shape) && set.count <= MOST_FEW_IMAGES
  const components = areFew ? componentsOfFew : componentsByIteration
  return { mean, basis: await components(set, mean, count, random) }
}

/** [pixels, count] */
export async function componentsByIteration(
  set: ImageSet,
  mean: Float32Array,
  count: number,
  random: Random,
): Promise<Float32Array> {
  const pixels = mean.length
  const wide = Math.min(pixels, count + oversampling)
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
  return combine(columns, vectors.slice(0, count))
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
