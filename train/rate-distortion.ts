import * as tf from '@tensorflow/tfjs'
import { decode, encode, type Losses, meanSquaredError, type Networks, type Objective } from './objective.ts'
import { learningSpeed, logisticMixturePrior } from './prior.ts'

/**
 * Rate-distortion training (Balle et al. 2017), one model for every rate (gain vectors: Cui et al. 2021).
 *
 *   loss = sum over levels of weight * (bits / pixels + lambda * MSE)       MSE on [0,1] samples
 *
 * so lambda is in bits a pixel (sample) per unit of MSE. Level l multiplies the latent by its own positive gains
 * before rounding and divides after: its quantization step is 1 / gain. A batch is cut into equal groups, one a
 * level, so that every step trains every level and no gather is needed.
 *
 * Rounding has no gradient. The rate sees uniform noise in its place. The decoder sees the noise too, and from
 * `roundedFrom` of the run on the rounded latent, with the gradient passed straight through (Minnen & Singh 2020):
 * what it will get in use, above all zeros where a coarse level sends nothing.
 */
export interface RateDistortionSettings {
  lambdas: number[] // coarsest level first
  levelWeights: number[]
  defaultLevel: number
  components: number
  roundedFrom: number
}

export interface RateDistortionObjective extends Objective {
  name: 'rate-distortion'
  /** 1 / gain, [level][dimension]. */
  levelSteps(): number[][]
  levelLosses(clean: tf.Tensor2D, level: number): Losses
}

const roundStraightThrough = tf.customGrad((x) => ({
  value: tf.round(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => dy,
}))

/** The step at which one more bit of resolution costs as much as it gains: bits + lambda * step^2 / 12 is least. */
function balancedStep(lambda: number): number {
  return Math.sqrt(6 / (lambda * Math.LN2))
}

/** `spread`: the latent's standard deviation in each dimension at the start. */
export function rateDistortionObjective(
  networks: Networks,
  pixels: number,
  spread: number[],
  settings: RateDistortionSettings,
): RateDistortionObjective {
  const { lambdas, levelWeights, components, roundedFrom } = settings
  const [levels, latent] = [lambdas.length, spread.length]
  const startSteps = lambdas.map(balancedStep)
  const gainStart = startSteps.flatMap((step) => spread.map(() => -Math.log(step) / learningSpeed))
  const logGain = tf.variable(tf.tensor3d(gainStart, [levels, 1, latent]), true, 'gain')
  const prior = logisticMixturePrior(
    startSteps.map((step) => spread.map((sd) => sd / step)),
    components,
  )
  const totalWeight = levelWeights.reduce((a, b) => a + b, 0)
  const weights = tf.tensor1d(levelWeights.map((w) => w / totalWeight))
  const weightedLambdas = tf.tensor1d(lambdas.map((lambda, l) => (lambda * levelWeights[l]!) / totalWeight))
  const gains = () => tf.exp(tf.mul(logGain, learningSpeed)) as tf.Tensor3D

  return {
    name: 'rate-distortion',
    variables: [logGain, ...prior.variables],
    noise: 'uniform',
    losses({ clean, input, noise, progress }) {
      const n = clean.shape[0]
      const gain = gains()
      const scaled = tf.mul(tf.reshape(encode(networks, input), [levels, n / levels, latent]), gain)
      const noisy = tf.add(scaled, tf.reshape(noise, [levels, n / levels, latent])) as tf.Tensor3D
      const sent = progress >= roundedFrom ? roundStraightThrough(scaled) : noisy
      const decoded = decode(networks, tf.reshape(tf.div(sent, gain), [n, latent]))
      const squared = tf.reshape(tf.square(tf.sub(decoded, clean)), [levels, (n / levels) * pixels])
      const mse = tf.mean(squared, 1) // [levels]
      const rateBits = tf.div(tf.sum(prior.bits(noisy), [1, 2]), n / levels) // [levels]
      const loss = tf.add(
        tf.div(tf.sum(tf.mul(rateBits, weights)), pixels),
        tf.sum(tf.mul(mse, weightedLambdas)),
      )
      return {
        loss: loss as tf.Scalar,
        mse: tf.mean(mse) as tf.Scalar,
        rateBits: tf.mean(rateBits) as tf.Scalar,
      }
    },
    validationLosses(clean) {
      return this.levelLosses(clean, settings.defaultLevel)
    },
    levelLosses(clean, level) {
      const gain = tf.reshape(tf.slice(gains(), [level, 0, 0], [1, 1, latent]), [1, latent])
      const symbols = tf.round(tf.mul(encode(networks, clean), gain)) as tf.Tensor2D
      const decoded = tf.clipByValue(decode(networks, tf.div(symbols, gain)), 0, 1)
      const mse = meanSquaredError(tf.div(tf.round(tf.mul(decoded, 255)), 255), clean)
      const everyLevel = tf.tile(tf.expandDims(symbols, 0), [levels, 1, 1]) as tf.Tensor3D
      const bits = tf.sum(tf.slice(prior.bits(everyLevel), [level, 0, 0], [1, -1, -1]))
      const rateBits = tf.div(bits, clean.shape[0]) as tf.Scalar
      const loss = tf.add(tf.div(rateBits, pixels), tf.mul(mse, lambdas[level]!)) as tf.Scalar
      return { loss, mse, rateBits }
    },
    levelSteps() {
      const flat = tf.tidy(() => tf.div(1, gains()).dataSync())
      return lambdas.map((_, l) => Array.from(flat.slice(l * latent, (l + 1) * latent)))
    },
  }
}
