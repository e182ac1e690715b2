import * as tf from '@tensorflow/tfjs'

/**
 * Variables that should learn faster than the networks are stored divided by this: with Adam, whose step does not
 * depend on the gradient's scale, that multiplies the networks' learning rate by this.
 */
export const learningSpeed = 5

interface LogisticMixturePrior {
  variables: tf.Variable[]
  /** y [groups, n, latent] in quantization steps, the level of each group -> bits of each. */
  bits(y: tf.Tensor3D, groups: LevelGroups): tf.Tensor3D
}

/** Picks each group's row of a [levels, ...] tensor. */
export interface LevelGroups {
  count: number
  /** One-hot rows [groups, levels]: a product with them stands in for gather, whose gradient wasm lacks. */
  oneHot: tf.Tensor2D
}

export function levelGroups(levels: number, levelOfGroup: number[]): LevelGroups {
  const rows = levelOfGroup.map((level) => Array.from({ length: levels }, (_, l) => (l === level ? 1 : 0)))
  return { count: levelOfGroup.length, oneHot: tf.keep(tf.tensor2d(rows)) }
}

export function pick(values: tf.Tensor, { count, oneHot }: LevelGroups, shape: number[]): tf.Tensor {
  return tf.reshape(tf.matMul(oneHot, tf.reshape(values, [oneHot.shape[1], -1])), [count, 1, ...shape])
}

/**
 * The learned prior of rate-distortion training: for each rate level and latent dimension a mixture of logistics,
 * integrated over a bin of width 1 (the latent is in quantization steps). At export integer tables fitted to real
 * symbols take its place.
 *
 * A level's mixture is a common one, in the latent's own units, scaled to the level's initial steps, plus differences
 * of its own. So levels that join late begin where the others are.
 */
export function logisticMixturePrior(
  spread: number[],
  startSteps: number[],
  components: number,
): LogisticMixturePrior {
  const [levels, latent] = [startSteps.length, spread.length]
  const fill = (f: (sd: number, component: number) => number) =>
    tf.tensor2d(spread.map((sd) => Array.from({ length: components }, (_, k) => f(sd, k) / learningSpeed)))
  // Centres spread evenly over one standard deviation each way; in units of the first level's step, so that they
  // are of order 1 and Adam's step fits them.
  const unit = startSteps[0]
  const centre = (k: number) => (components > 1 ? (2 * k) / (components - 1) - 1 : 0)
  const zeros = () => tf.zeros([levels, latent, components])
  const mean = tf.variable(fill((sd, k) => (sd / unit) * centre(k)))
  const logScale = tf.variable(fill((sd) => Math.log(Math.max(0.2, sd / unit / 2))))
  const logit = tf.variable(tf.zeros([latent, components]))
  const levelMean = tf.variable(zeros())
  const levelLogScale = tf.variable(zeros())
  const levelLogit = tf.variable(zeros())
  const toLevel = tf.keep(
    tf.tensor3d(
      startSteps.map((step) => unit / step),
      [levels, 1, 1],
    ),
  )

  const bits = (y: tf.Tensor3D, groups: LevelGroups): tf.Tensor3D => {
    const shape = [latent, components]
    const weights = tf.softmax(pick(tf.mul(tf.add(logit, levelLogit), learningSpeed), groups, shape))
    const centres = pick(tf.mul(tf.mul(tf.add(mean, levelMean), toLevel), learningSpeed), groups, shape)
    const scale = tf.mul(tf.exp(tf.mul(tf.add(logScale, levelLogScale), learningSpeed)), toLevel)
    const inverseScale = tf.reciprocal(pick(scale, groups, shape)) // [groups, 1, latent, components]
    // A bin's mass is symmetric in its distance from the centre. It is computed on the left side, where both sigmoids
    // are small and their difference does not cancel.
    const distance = tf.neg(tf.abs(tf.sub(tf.expandDims(y, 3), centres)))
    const upper = tf.sigmoid(tf.mul(tf.add(distance, 0.5), inverseScale))
    const lower = tf.sigmoid(tf.mul(tf.sub(distance, 0.5), inverseScale))
    const mass = tf.sum(tf.mul(tf.sub(upper, lower), weights), 3)
    return tf.mul(tf.log(tf.maximum(mass, 1e-9)), -1 / Math.LN2) as tf.Tensor3D
  }
  return { variables: [mean, logScale, logit, levelMean, levelLogScale, levelLogit], bits }
}
