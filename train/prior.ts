import * as tf from '@tensorflow/tfjs'

/**
 * The learned prior of rate-distortion training: for each rate level and latent dimension a mixture of logistics,
 * integrated over a bin of width 1 (the latent is in quantization steps). At export integer tables counted from real
 * symbols take its place.
 *
 * Variables are stored divided by `learningSpeed`: with Adam, whose step does not depend on the gradient's scale,
 * that is a learning rate of so many times the networks'.
 */
export const learningSpeed = 5

export interface LogisticMixturePrior {
  variables: tf.Variable[]
  /** y [levels, n, latent] -> bits of each [levels, n, latent]. */
  bits(y: tf.Tensor3D): tf.Tensor3D
}

/** `spread` [level][dimension]: the standard deviation of the latent, in steps, at the start. */
export function logisticMixturePrior(spread: number[][], components: number): LogisticMixturePrior {
  const [levels, latent] = [spread.length, spread[0]!.length]
  const shape: [number, number, number, number] = [levels, 1, latent, components]
  const fill = (f: (sd: number, component: number) => number) =>
    tf.tensor4d(
      spread.flatMap((row) =>
        row.flatMap((sd) => Array.from({ length: components }, (_, k) => f(sd, k) / learningSpeed)),
      ),
      shape,
    )
  // Centres spread evenly over one standard deviation each way.
  const mean = tf.variable(
    fill((sd, k) => sd * (components > 1 ? (2 * k) / (components - 1) - 1 : 0)),
    true,
    'prior/mean',
  )
  const logScale = tf.variable(
    fill((sd) => Math.log(Math.max(0.2, sd / 2))),
    true,
    'prior/logScale',
  )
  const logit = tf.variable(tf.zeros(shape), true, 'prior/logit')

  const bits = (y: tf.Tensor3D): tf.Tensor3D => {
    const weights = tf.softmax(tf.mul(logit, learningSpeed)) // [levels, 1, latent, components]
    const inverseScale = tf.exp(tf.mul(logScale, -learningSpeed))
    // The bin's mass is symmetric in the distance from the centre; taken on the left side, where both sigmoids are
    // small, their difference does not cancel.
    const distance = tf.neg(tf.abs(tf.sub(tf.expandDims(y, 3), tf.mul(mean, learningSpeed))))
    const upper = tf.sigmoid(tf.mul(tf.add(distance, 0.5), inverseScale))
    const lower = tf.sigmoid(tf.mul(tf.sub(distance, 0.5), inverseScale))
    const mass = tf.sum(tf.mul(tf.sub(upper, lower), weights), 3)
    return tf.mul(tf.log(tf.maximum(mass, 1e-9)), -1 / Math.LN2) as tf.Tensor3D
  }
  return { variables: [mean, logScale, logit], bits }
}
