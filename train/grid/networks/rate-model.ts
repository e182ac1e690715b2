/**
 * The rate that training sees: a Laplace distribution for each latent, its log scale linear in what the decoder knows:
 * the magnitudes coded before it, and how much the known picture varies. The shipped entropy model is another one, of
 * integer tables, fitted afterwards (export/fit-entropy-model.ts); this one only has to guide the networks.
 */
import * as tf from '@tensorflow/tfjs'
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { withoutGradient } from './operations.ts'

export class RateModel {
  readonly #bias = tf.variable(tf.linspace(0, -4, CHANNELS), true, 'rate.bias')
  readonly #slope = tf.variable(tf.fill([CHANNELS], -1), true, 'rate.slope')
  readonly #channels = tf.variable(tf.zeros([1, 1, CHANNELS, CHANNELS]), true, 'rate.channels')
  readonly #space = tf.variable(tf.zeros([3, 3, CHANNELS, CHANNELS]), true, 'rate.space')
  readonly #activity = tf.variable(tf.zeros([3, 3, 1, CHANNELS]), true, 'rate.activity')
  readonly #before = tf.keep(earlierChannels())
  readonly #causal = tf.keep(tf.tensor4d([1, 1, 1, 1, 0, 0, 0, 0, 0], [3, 3, 1, 1]))
  readonly variables = [this.#bias, this.#slope, this.#channels, this.#space, this.#activity]

  /** r in steps, with noise [n, h, w, CHANNELS]; known [n, 4h, 4w, 3]; log steps [n] -> bits [n]. */
  rateBits(r: tf.Tensor4D, known: tf.Tensor4D, logStep: tf.Tensor1D): tf.Tensor1D {
    const magnitude = tf.abs(r)
    const logScale = tf.clipByValue(this.#logScale(magnitude, withoutGradient(known), logStep), -6, 8)
    const inverse = tf.exp(tf.neg(logScale))
    const upper = laplace(tf.add(magnitude, 0.5), inverse)
    const p = tf.maximum(tf.sub(upper, laplace(tf.sub(magnitude, 0.5), inverse)), 1e-7)
    return tf.mul(tf.sum(tf.log(p), [1, 2, 3]), -1 / Math.LN2)
  }

  #logScale(magnitude: tf.Tensor, known: tf.Tensor4D, logStep: tf.Tensor1D): tf.Tensor {
    const u = tf.log(tf.add(tf.relu(tf.sub(magnitude, 0.5)), 1)) as tf.Tensor4D
    const conv = (x: tf.Tensor4D, w: tf.Tensor) => tf.conv2d(x, w as tf.Tensor4D, 1, 'same')
    const step = tf.reshape(tf.add(logStep, 2), [-1, 1, 1, 1])
    const fromSteps = tf.add(this.#bias, tf.mul(step, this.#slope))
    const fromChannels = conv(u, tf.mul(this.#channels, this.#before))
    const fromSpace = conv(u, tf.mul(this.#space, this.#causal))
    return tf.addN([tf.add(fromSteps, fromChannels), fromSpace, conv(activityOf(known), this.#activity)])
  }
}

/** The cumulative distribution at t, mirrored below 0. */
function laplace(t: tf.Tensor, inverse: tf.Tensor): tf.Tensor {
  const half = tf.mul(tf.exp(tf.mul(tf.neg(tf.abs(t)), inverse)), 0.5)
  const positive = tf.cast(tf.greaterEqual(t, 0), 'float32')
  return tf.add(tf.mul(positive, tf.sub(1, half)), tf.mul(tf.sub(1, positive), half))
}

/** How far the known picture's pixels are from their surroundings, for each block. [n, h, w, 1] */
function activityOf(known: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const away = tf.mean(tf.abs(tf.sub(known, tf.avgPool(known, 3, 1, 'same'))), 3, true)
    const [n, h, w] = away.shape as [number, number, number, number]
    const blocks = tf.mean(tf.reshape(away, [n * (h / 4), 4, w / 4, 4]), [1, 3])
    return tf.reshape(tf.add(tf.log(tf.add(blocks, 0.002)), 4), [n, h / 4, w / 4, 1])
  })
}

function earlierChannels(): tf.Tensor4D {
  const mask = new Float32Array(CHANNELS * CHANNELS)
  for (let from = 0; from < CHANNELS; from++) mask.fill(1, from * CHANNELS + from + 1, (from + 1) * CHANNELS)
  return tf.tensor4d(mask, [1, 1, CHANNELS, CHANNELS])
}
