/** Measures of a reconstruction's error, per image, on the scale of the mean squared error of samples in [0, 1]. */
import * as tf from '@tensorflow/tfjs'
import { SQUARED_ERROR_SHARE } from '../../shared/preview/encoder/distance.ts'

/** `mse`: of samples; `oklab`: that, and squared distances in OKLab, close to what eyes see, with more weight on chroma. */
export const distortions = ['mse', 'oklab'] as const
export interface DistortionSettings {
  distortion: (typeof distortions)[number]
  /** Weight of a and b in OKLab; that of lightness is 1. */
  chromaWeight: number
}

/** [n, pixels] of each -> [n] */
type Distortion = (decoded: tf.Tensor2D, clean: tf.Tensor2D) => tf.Tensor1D

export const distortionOf = ({ distortion, chromaWeight }: DistortionSettings): Distortion =>
  distortion === 'mse' ? squaredError : oklabError(chromaWeight)

const squaredError: Distortion = (decoded, clean) =>
  tf.mean(tf.square(tf.sub(decoded, clean)), 1) as tf.Tensor1D

/** The distance that a preview's encoder minimizes (shared/preview/encoder/distance.ts). OKLab is of values within black and white. */
function oklabError(chromaWeight: number): Distortion {
  const weights = tf.keep(tf.tensor2d([[1, chromaWeight, chromaWeight]]))
  return (decoded, clean) => {
    const difference = tf.sub(toOklab(tf.clipByValue(decoded, 0, 1)), toOklab(clean)) // [n * pixels / 3, 3]
    const squares = tf.sum(tf.mul(tf.square(difference), weights), 1)
    const looks = tf.mean(tf.reshape(squares, [decoded.shape[0], -1]), 1)
    const errors = squaredError(decoded, clean)
    return tf.add(tf.mul(errors, SQUARED_ERROR_SHARE), tf.mul(looks, 1 - SQUARED_ERROR_SHARE)) as tf.Tensor1D
  }
}

/** Bjorn Ottosson's OKLab (2020), M1 from linear sRGB and M2, each transposed. */
const TO_CONES = [
  [0.4122214708, 0.2119034982, 0.0883024619],
  [0.5363325363, 0.6806995451, 0.2817188376],
  [0.0514459929, 0.1073969566, 0.6299787005],
]
const TO_LAB = [
  [0.2104542553, 1.9779984951, 0.0259040371],
  [0.793617785, -2.428592205, 0.7827717662],
  [-0.0040720468, 0.4505937099, -0.808675766],
]
/** Added because the cube root's slope is unbounded at black. */
const DARKEST = 1e-6

/** sRGB in [0, 1], three values a pixel -> [pixels, 3] */
function toOklab(samples: tf.Tensor): tf.Tensor2D {
  const rgb = tf.reshape(samples, [-1, 3])
  const curve = tf.pow(tf.div(tf.add(tf.maximum(rgb, 0.04045), 0.055), 1.055), 2.4)
  const isBright = tf.step(tf.sub(rgb, 0.04045)) // comparisons have no gradient, not even one of zero
  const linear = tf.add(tf.mul(isBright, curve), tf.mul(tf.sub(1, isBright), tf.div(rgb, 12.92)))
  const cones = tf.matMul(linear as tf.Tensor2D, tf.tensor2d(TO_CONES))
  return tf.matMul(tf.pow(tf.maximum(cones, DARKEST), 1 / 3) as tf.Tensor2D, tf.tensor2d(TO_LAB))
}

/** How sensitive the distortion is to a pixel's colour, on average: its second derivative, halved. [3, 3] */
export async function colourMetric(settings: DistortionSettings, pixels: Float32Array): Promise<number[][]> {
  const reach = 0.02
  const count = pixels.length / 3
  const differences = await Promise.all(
    [0, 1, 2].map(async (channel) => {
      const moved = (by: number) =>
        toLab(
          settings,
          pixels.map((value, i) => (i % 3 === channel ? value + by : value)),
        )
      const slopes = tf.tidy(() => tf.div(tf.sub(moved(reach), moved(-reach)), 2 * reach))
      const values = (await slopes.data()) as Float32Array
      slopes.dispose()
      return values
    }),
  )
  return differences.map((a) =>
    differences.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0) / count),
  )
}

/** Coordinates in which the distortion is the squared distance. [pixels, 3 or 6] */
function toLab({ distortion, chromaWeight }: DistortionSettings, pixels: Float32Array): tf.Tensor2D {
  const rgb = tf.tensor2d(pixels, [pixels.length / 3, 3])
  if (distortion === 'mse') return tf.div(rgb, Math.sqrt(3))
  const scales = [1, chromaWeight, chromaWeight].map((weight) =>
    Math.sqrt((1 - SQUARED_ERROR_SHARE) * weight),
  )
  const looks = tf.mul(toOklab(tf.clipByValue(rgb, 0, 1)), tf.tensor2d([scales]))
  return tf.concat2d([tf.mul(rgb, Math.sqrt(SQUARED_ERROR_SHARE / 3)), looks as tf.Tensor2D], 1)
}
