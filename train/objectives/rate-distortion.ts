import * as tf from '@tensorflow/tfjs'
import { readAndDispose } from '../backends/read-tensor.ts'
import { decode, encode, type Networks } from '../networks/networks.ts'
import { type DistortionSettings, distortionOf } from './distortion.ts'
import { type Losses, meanSquaredError, type ObjectiveBase } from './losses.ts'
import { type LevelGroups, learningSpeed, levelGroups, logisticMixturePrior, pick } from './prior.ts'

/**
 * Rate-distortion training (Balle et al. 2017), one model for every rate (gain vectors: Cui et al. 2021).
 *
 *   loss of a level = bits / pixels + lambda * distortion       distortion.ts: the MSE on [0,1] samples, or near it
 *
 * so lambda is in bits per pixel (sample) per unit of MSE. Level l multiplies the latent by its own positive gains
 * before rounding and divides by them after: its quantization step is 1 / gain. A batch is cut into equal groups, and
 * each level gets as many as its share says. Up to `levelsFrom` of the run all groups are of the default level; then
 * the others join, with gains and priors scaled from the default's.
 *
 * Rounding has no gradient, so the rate sees uniform noise instead. The decoder sees the noise too, and from
 * `roundedFrom` of the run on the rounded latent, with the gradient passed straight through (Minnen & Singh 2020): that
 * is what it will get in use, above all the zeros of dimensions that a coarse level does not send.
 */
export interface RateDistortionSettings extends DistortionSettings {
  lambdas: number[] // coarsest level first: bits per sample per unit of MSE on [0,1] samples
  levelShares: number[] // of each batch, once all levels take part
  defaultLevel: number
  levelsFrom: number // share of the run after which the other levels join the default one
  targetBytes: number // export tunes the level nearest to this and makes it the default; 0: defaultLevel
  components: number // logistics in each prior
  roundedFrom: number // share of the run after which the decoder sees rounded latents
  steps: 'learned' | 'fixed' // learned per level and dimension; or one per level, fixed by its lambda
}

export interface RateDistortionObjective extends ObjectiveBase {
  name: 'rate-distortion'
  lambdas: number[]
  /** 1 / gain, [level][dimension]. */
  levelSteps(): Promise<number[][]>
  levelLosses(clean: tf.Tensor2D, level: number): Losses
}

const roundStraightThrough = tf.customGrad((x) => ({
  value: tf.round(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => dy,
}))

/** The step at which a finer one costs as much as it gains: bits + lambda * step^2 / 12 is least. */
export function balancedStep(lambda: number): number {
  return Math.sqrt(6 / (lambda * Math.LN2))
}

/**
 * `spread`: the latent's standard deviation in each dimension at the start. `trainedSteps` [level][latent]: steps of
 * networks that are trained already.
 */
export function rateDistortionObjective(
  networks: Networks,
  pixels: number,
  spread: number[],
  settings: RateDistortionSettings,
  trainedSteps?: number[][],
): RateDistortionObjective {
  const { lambdas, levelShares, defaultLevel, components, roundedFrom, levelsFrom } = settings
  const [levels, latent] = [lambdas.length, spread.length]
  const startSteps = lambdas.map(balancedStep)
  const { gains, variables } = levelGains(startSteps, latent, settings.steps, trainedSteps)
  // The prior is in units of the initial steps; at the default level it begins as wide as the latents.
  const own = trainedSteps?.[defaultLevel]
  const inStartSteps = own ? spread.map((sd, d) => (sd * startSteps[defaultLevel]) / own[d]) : spread
  const prior = logisticMixturePrior(inStartSteps, startSteps, components)

  const allGroups = levelShares.flatMap((share, level) => new Array<number>(share).fill(level))
  const together = levelGroups(levels, allGroups)
  const alone = levelGroups(
    levels,
    allGroups.map(() => defaultLevel),
  )
  const single = lambdas.map((_, level) => levelGroups(levels, [level]))
  const weights = lossWeights(settings, pixels)
  const distortion = distortionOf(settings)
  const groupLosses = (
    clean: tf.Tensor2D,
    input: tf.Tensor2D,
    groups: LevelGroups,
    quantize: Quantize,
  ): Losses => {
    const n = clean.shape[0] / groups.count
    const gain = pick(gains(), groups, [latent]) // [groups, 1, latent]
    const scaled = tf.mul(tf.reshape(encode(networks, input), [groups.count, n, latent]), gain) as tf.Tensor3D
    const { priced, sent } = quantize(scaled)
    const decoded = decode(networks, tf.reshape(tf.div(sent, gain), [groups.count * n, latent]))
    const distortions = tf.mean(tf.reshape(distortion(decoded, clean), [groups.count, n]), 1) // [groups]
    const mse = settings.distortion === 'mse' ? tf.mean(distortions) : meanSquaredError(decoded, clean)
    const rateBits = tf.div(tf.sum(prior.bits(priced, groups), [1, 2]), n) // [groups]
    const weighted = (values: tf.Tensor, ofLevels: tf.Tensor) =>
      tf.mul(values, tf.reshape(pick(ofLevels, groups, []), [groups.count]))
    const loss = tf.mean(tf.add(weighted(rateBits, weights.rate), weighted(distortions, weights.distortion)))
    return {
      loss: loss as tf.Scalar,
      mse: mse as tf.Scalar,
      rateBits: tf.mean(rateBits) as tf.Scalar,
    }
  }

  const levelLosses = (clean: tf.Tensor2D, level: number): Losses => {
    const gain = pick(gains(), single[level], [latent])
    const symbols = tf.round(tf.mul(tf.expandDims(encode(networks, clean), 0), gain)) as tf.Tensor3D
    const latents = tf.reshape(tf.div(symbols, gain), [-1, latent]) as tf.Tensor2D
    const decoded = tf.clipByValue(decode(networks, latents), 0, 1)
    const mse = meanSquaredError(tf.div(tf.round(tf.mul(decoded, 255)), 255), clean)
    const rateBits = tf.div(tf.sum(prior.bits(symbols, single[level])), clean.shape[0]) as tf.Scalar
    const error = settings.distortion === 'mse' ? mse : tf.mean(distortion(decoded, clean))
    const loss = tf.add(tf.div(rateBits, pixels), tf.mul(error, lambdas[level])) as tf.Scalar
    return { loss, mse, rateBits }
  }

  return {
    name: 'rate-distortion',
    lambdas,
    variables: [...variables, ...prior.variables],
    noise: 'uniform',
    losses({ clean, input, noise, progress }) {
      return groupLosses(clean, input, progress < levelsFrom ? alone : together, (scaled) => {
        const priced = tf.add(scaled, tf.reshape(noise, scaled.shape)) as tf.Tensor3D
        return {
          priced,
          sent: progress < roundedFrom ? priced : (roundStraightThrough(scaled) as tf.Tensor3D),
        }
      })
    },
    validationLosses: (clean) => levelLosses(clean, defaultLevel),
    levelLosses,
    async levelSteps() {
      const flat = await readAndDispose(tf.tidy(() => tf.reciprocal(gains())))
      return lambdas.map((_, l) => Array.from(flat.slice(l * latent, (l + 1) * latent)))
    },
  }
}

/**
 * What each level's rate and distortion count in the loss, [levels, 1]. A level counts less the larger its lambda is, as
 * otherwise the finest levels would dominate the gradient.
 */
function lossWeights({ lambdas, defaultLevel }: RateDistortionSettings, pixels: number) {
  const weights = lambdas.map((lambda) => Math.sqrt(lambdas[defaultLevel] / lambda))
  const column = (values: number[]) => tf.keep(tf.tensor2d(values, [lambdas.length, 1]))
  return {
    rate: column(weights.map((weight) => weight / pixels)),
    distortion: column(weights.map((weight, level) => weight * lambdas[level])),
  }
}

/** The levels' gains, [levels, latent], and the variables behind them: none if the steps are fixed. */
function levelGains(
  startSteps: number[],
  latent: number,
  steps: RateDistortionSettings['steps'],
  trainedSteps?: number[][],
): { gains: () => tf.Tensor; variables: tf.Variable[] } {
  const startGain = tf.keep(tf.tensor2d(startSteps.map((step) => [1 / step])))
  if (steps === 'fixed') return { gains: () => tf.tile(startGain, [1, latent]), variables: [] }
  const common = tf.variable(tf.zeros([1, latent]))
  const own = tf.variable(
    trainedSteps
      ? startingGains(startSteps, trainedSteps)
      : tf.zeros<tf.Rank.R2>([startSteps.length, latent]),
  )
  const gains = () => tf.mul(tf.exp(tf.mul(tf.add(common, own), learningSpeed)), startGain)
  return { gains, variables: [common, own] }
}

/** Gains that turn the initial steps into those of earlier training. */
const startingGains = (startSteps: number[], trainedSteps: number[][]) =>
  tf.tensor2d(
    trainedSteps.map((steps, l) => steps.map((step) => Math.log(startSteps[l] / step) / learningSpeed)),
  )

/** From the latent in steps: what the prior prices, and what the decoder gets. */
type Quantize = (scaled: tf.Tensor3D) => { priced: tf.Tensor3D; sent: tf.Tensor3D }
