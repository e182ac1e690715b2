/**
 * The start of a dct decoder and its encoder's linear path: the principal components of the pictures that the decoder
 * can draw, in the distortion's own metric, so that a quantization step costs about the same in every dimension. A preview
 * to start from keeps its dimensions; components of what those leave follow.
 */
import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../../shared/manifest.ts'
import type { PreviewParameters } from '../../shared/preview/parameters.ts'
import { toUnit } from '../batches.ts'
import type { ImageSet } from '../data/images.ts'
import { colourMetric, type DistortionSettings } from '../objectives/distortion.ts'
import { balancedStep } from '../objectives/rate-distortion.ts'
import type { ObjectiveSettings } from '../settings.ts'
import { leastSquares, matrixPower, orthonormalise, symmetricEigen } from './columns.ts'
import { BANDS, coefficientsOf, DIRECTIONS, dctBasis } from './dct.ts'
import { roundKernel } from './mlp.ts'
import type { Networks } from './networks.ts'
import { BIAS_UNIT, WEIGHT_UNIT, weightShift } from './weight-grid.ts'

const METRIC_PIXELS = 20_000
const CHUNK = 2000

interface TransformStart {
  objective: ObjectiveSettings
  /** Sets only the grid of the weights, which depends on the data alone. */
  resuming: boolean
  /** A preview whose dimensions come first. */
  base?: PreviewParameters
}

export async function startAtTransform(
  networks: Networks,
  sample: ImageSet,
  { objective, resuming, base }: TransformStart,
): Promise<void> {
  if (objective.name !== 'rate-distortion')
    throw new Error('a dct decoder is trained for rate and distortion')
  const linear = networks.decoder.getLayer('linear')
  const latent = (networks.decoder.inputs[0].shape[1] as number) ?? 0
  const coarsest = balancedStep(objective.lambdas[0])
  const unit = WEIGHT_UNIT / coarsest
  const basis = dctBasis(sample.shape, BANDS)
  const { mean, covariance } = await momentsOf(sample, basis)
  const metric = rootOf(await metricOf(objective, sample))
  const kept = base ? rowsOf(base, unit) : []
  const { values, vectors } = symmetricEigen(
    without(
      kept.map((row) => multiply(metric.root, row)),
      transformed(covariance, metric),
    ),
  )
  const added = vectors.slice(0, latent - kept.length).map((vector) => multiply(metric.inverse, vector))
  const shifts = added.map((_, d) => weightShift(Math.sqrt(values[d]) / coarsest))
  setGrid(
    linear,
    [...(base?.shifts ?? []), ...shifts].map((shift) => unit * 2 ** shift),
  )
  if (resuming) return
  const rows = [...kept, ...added]
  startAt(networks, basis, base ? [...base.bias].map((each) => each * BIAS_UNIT) : mean, rows, metric)
}

/** The decoder's rows, for latents in trained units. [latents][coefficients] */
const rowsOf = ({ latents, coefficients, weights, shifts }: PreviewParameters, unit: number): number[][] =>
  Array.from({ length: latents }, (_, d) =>
    Array.from(
      weights.subarray(d * coefficients, (d + 1) * coefficients),
      (weight) => weight * unit * 2 ** shifts[d],
    ),
  )

/** The covariance of what is left after projection away from `rows`. */
function without(rows: number[][], covariance: number[][]): number[][] {
  const directions = orthonormalise(rows.map((row) => Float64Array.from(row)))
  const project = (vector: number[]) => {
    for (const direction of directions) {
      const along = vector.reduce((sum, value, i) => sum + value * direction[i], 0)
      vector = vector.map((value, i) => value - along * direction[i])
    }
    return vector
  }
  const half = covariance.map(project) // symmetric before, so rows are columns
  return covariance.map((_, j) => project(half.map((row) => row[j])))
}

function setGrid(linear: tf.layers.Layer, steps: number[]): void {
  roundKernel(linear.weights[0].read() as tf.Variable, tf.tensor2d(steps.map((step) => [step])))
}

/** rows: the decoder's. The encoder's are the least-squares ones in the metric. [latents][coefficients] */
function startAt(
  networks: Networks,
  basis: Float32Array,
  mean: number[],
  rows: number[][],
  { root }: MetricRoot,
) {
  const { model } = networks.encoder
  const pixels = basis.length / mean.length
  const encoderRows = leastSquares(rows.map((row) => multiply(root, row))).map((row) => multiply(root, row))
  tf.tidy(() => {
    const inverse = tf.tensor2d(basis, [mean.length, pixels])
    const projection = tf.transpose(tf.matMul(tf.tensor2d(encoderRows), inverse)) // [pixels, latent]
    const offsets = tf.neg(
      tf.reshape(tf.matMul(tf.tensor2d([mean]), tf.transpose(tf.tensor2d(encoderRows))), [-1]),
    )
    model.getLayer('linear').setWeights([projection, offsets])
    networks.decoder.getLayer('linear').setWeights([tf.tensor2d(rows), tf.tensor1d(mean)])
    const first = model.layers.find(({ name }) => name === 'hidden1')
    const centre = tf.matMul(tf.tensor2d([mean]), inverse)
    if (first) {
      const kernel = first.getWeights()[0] as tf.Tensor2D
      first.setWeights([kernel, tf.neg(tf.reshape(tf.matMul(centre, kernel), [-1]))])
    }
  })
}

/** Moments of the coefficients over the sample. */
async function momentsOf({ samples, count, shape }: ImageSet, basis: Float32Array) {
  const pixels = sampleCount(shape)
  const n = basis.length / pixels
  const transform = tf.transpose(tf.tensor2d(basis, [n, pixels])) as tf.Tensor2D
  const mean = new Float64Array(n)
  const products = new Float64Array(n * n)
  for (let at = 0; at < count; at += CHUNK) {
    const rows = Math.min(CHUNK, count - at)
    const [sum, product] = tf.tidy(() => {
      const x = tf.tensor2d(toUnit(samples.subarray(at * pixels, (at + rows) * pixels)), [rows, pixels])
      const coefficients = tf.matMul(x, transform)
      return [tf.sum(coefficients, 0), tf.matMul(tf.transpose(coefficients), coefficients)]
    })
    addTo(mean, (await sum!.data()) as Float32Array, count)
    addTo(products, (await product!.data()) as Float32Array, count)
    tf.dispose([sum!, product!])
  }
  transform.dispose()
  const covariance = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => products[i * n + j] - mean[i] * mean[j]),
  )
  return { mean: [...mean], covariance }
}

function addTo(means: Float64Array, sums: Float32Array, count: number): void {
  sums.forEach((sum, i) => {
    means[i] += sum / count
  })
}

async function metricOf(settings: DistortionSettings, { samples }: ImageSet): Promise<number[][]> {
  const stride = 3 * Math.max(1, Math.floor(samples.length / 3 / METRIC_PIXELS))
  const pixels: number[] = []
  for (let at = 0; at + 2 < samples.length; at += stride)
    for (let c = 0; c < 3; c++) pixels.push(samples[at + c] / 255)
  const rgb = await colourMetric(settings, Float32Array.from(pixels))
  // A distortion is the mean over samples, of which a pixel has three.
  return DIRECTIONS.map((a) =>
    DIRECTIONS.map((b) =>
      a.reduce((sum, x, i) => sum + b.reduce((s, y, j) => s + x * y * rgb[i][j] * 3, 0), 0),
    ),
  )
}

interface MetricRoot {
  root: number[][]
  inverse: number[][]
}

/** The square root, and its inverse, of the metric between coefficients, which at each frequency is that between the planes. */
function rootOf(planes: number[][]): MetricRoot {
  const coefficients = coefficientsOf(BANDS)
  const power = (exponent: number) => {
    const block = matrixPower(planes, exponent)
    const alone = planes[0][0] ** exponent
    return coefficients.map((a) =>
      coefficients.map((b) => {
        if (a.u !== b.u || a.v !== b.v) return 0
        return a.u + a.v < BANDS.chroma ? block[a.plane][b.plane] : alone
      }),
    )
  }
  return { root: power(0.5), inverse: power(-0.5) }
}

const multiply = (matrix: number[][], vector: number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, i) => (value === 0 ? sum : sum + value * vector[i]), 0))

/** root covariance root */
function transformed(covariance: number[][], { root }: MetricRoot): number[][] {
  const half = covariance.map((row) => multiply(root, row)) // covariance root, both symmetric
  const columns = covariance.map((_, j) =>
    multiply(
      root,
      half.map((row) => row[j]),
    ),
  )
  return covariance.map((_, i) => columns.map((column) => column[i]))
}
