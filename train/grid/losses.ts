/**
 * Rate + distortion of tiles coded in two levels, as in the codec: the quarter-size picture given a preview, then the
 * whole one given the decoded quarter-size one. The same networks serve every rate: each tile draws its quantization
 * steps.
 */
import * as tf from '@tensorflow/tfjs'
import { CHANNELS } from '../../shared/grid/grid-shape.ts'
import type { Random } from '../random.ts'
import type { GridNetworks } from './networks/networks.ts'
import { quantizeStraightThrough, upsample4 } from './networks/operations.ts'
import { previewLike } from './networks/preview-like.ts'
import type { RateModel } from './networks/rate-model.ts'

/** How much squared error a bit is worth, as a share of the quantization step's square. */
const MU = 0.11
/** Steps in 255ths, drawn log-uniformly. */
const QUARTER_STEPS = [5, 128] as const
const FULL_STEPS = [9, 600] as const
/** The full level's quantization step is four times the quarter's (at equal error) times 2 to the power of at most this. */
const SPREAD = 1.7
/** Share of tiles without symbols for a level, which is then drawn from the known picture alone. */
const SILENT = { quarter: 0.05, full: 0.15 }
/** Stands for the quantization step of a preview. */
const PREVIEW_STEP = 160 / 255
/** From this quantization step on every picture is restored: half an octave below the codec's, as steps are no whole octaves. */
const COARSE_STEP = (512 / 255) * 2 ** -0.5
/** Share of the other tiles that are. */
const RESTORED = 0.5

interface GridLosses {
  loss: tf.Scalar
  /** Of the full level: squared error per pixel, summed over the three channels, and bits per pixel. */
  distortion: tf.Scalar
  rate: tf.Scalar
}

/** Random quantization steps for each tile, drawn on the host: [n] each. */
interface Draws {
  quarter: tf.Tensor1D
  full: tf.Tensor1D
  quarterSounds: tf.Tensor1D
  fullSounds: tf.Tensor1D
  /** 1 or 0: with the restoration network or without, unless the step is coarse. */
  quarterRestored: tf.Tensor1D
  fullRestored: tf.Tensor1D
}

export function drawSteps(n: number, random: Random): Draws {
  const of = (draw: () => number) => tf.tensor1d(Float32Array.from({ length: n }, draw))
  const [low, high] = QUARTER_STEPS
  const quarter = Float32Array.from({ length: n }, () => (low * (high / low) ** random.uniform()) / 255)
  const sounds = Float32Array.from({ length: n }, () => (random.uniform() < SILENT.full ? 0 : 1))
  const full = quarter.map((step, i) => {
    const drawn = 4 * step * 2 ** (SPREAD * (2 * random.uniform() - 1))
    return sounds[i] ? Math.min(FULL_STEPS[1] / 255, Math.max(FULL_STEPS[0] / 255, drawn)) : 4 * step
  })
  const restored = (steps: Float32Array) =>
    tf.tensor1d(steps.map((step) => (random.uniform() < RESTORED || step > COARSE_STEP ? 1 : 0)))
  return {
    quarter: tf.tensor1d(quarter),
    full: tf.tensor1d(full),
    quarterSounds: of(() => (random.uniform() < SILENT.quarter ? 0 : 1)),
    fullSounds: tf.tensor1d(sounds),
    quarterRestored: restored(quarter),
    fullRestored: restored(full),
  }
}

/** x [n, s, s, 3] on [0, 1], s = 256. */
export function gridLosses(
  networks: GridNetworks,
  rateModel: RateModel,
  x: tf.Tensor4D,
  draws: Draws,
  random: Random,
): GridLosses {
  const quarterPicture = tf.avgPool(x, 4, 4, 'valid')
  const preview = previewLike(tf.avgPool(quarterPicture, 4, 4, 'valid'), random)
  const previewStep = tf.fill([x.shape[0]], PREVIEW_STEP) as tf.Tensor1D
  const code = (input: LevelInput) => codeLevel(networks, rateModel, input, random)
  const quarter = code({
    ...{ picture: quarterPicture, known: preview, lowest: true, restored: draws.quarterRestored },
    ...{ step: draws.quarter, knownStep: previewStep, sounds: draws.quarterSounds },
  })
  const quarterStep = tf.add(
    tf.mul(draws.quarterSounds, draws.quarter),
    tf.mul(tf.sub(1, draws.quarterSounds), previewStep),
  ) as tf.Tensor1D
  const known = tf.clipByValue(quarter.picture, 0, 1)
  const full = code({
    ...{ picture: x, known, lowest: false, restored: draws.fullRestored },
    ...{ step: draws.full, knownStep: quarterStep, sounds: draws.fullSounds },
  })
  const loss = tf.add(
    weighted(full.distortion, full.rate, draws.full),
    tf.mul(weighted(quarter.distortion, quarter.rate, tf.mul(draws.quarter, 2)), 0.5),
  ) as tf.Scalar
  return { loss, distortion: tf.mean(full.distortion), rate: tf.mean(full.rate) }
}

/** distortion / (MU step^2) + rate, times the step, so that every rate gets a similar share of the gradient. */
const weighted = (distortion: tf.Tensor1D, rate: tf.Tensor1D, step: tf.Tensor1D) =>
  tf.mean(
    tf.mul(tf.add(tf.div(distortion, tf.mul(tf.square(step), MU)), rate), tf.mul(step, 255 / 40)),
  ) as tf.Scalar

interface LevelInput {
  picture: tf.Tensor4D
  known: tf.Tensor4D
  step: tf.Tensor1D
  knownStep: tf.Tensor1D
  sounds: tf.Tensor1D
  lowest: boolean
  restored: tf.Tensor1D
}

function codeLevel(networks: GridNetworks, rateModel: RateModel, input: LevelInput, random: Random) {
  const { picture, known, step, knownStep, sounds, lowest, restored } = input
  const up = upsample4(known)
  const r = networks.encode(tf.sub(picture, up), lowest)
  const steps = tf.mul(tf.reshape(step, [-1, 1, 1, 1]), planesBehind(r.shape[0], random)) as tf.Tensor4D
  const noise = tf.randomUniform(r.shape, -0.5, 0.5, 'float32', random.uint32())
  const logStep = tf.log(step)
  const bits = rateModel.rateBits(tf.add(tf.div(r, steps), noise), known, logStep)
  const heard = tf.mul(quantizeStraightThrough(r, steps), tf.reshape(sounds, [-1, 1, 1, 1])) as tf.Tensor4D
  const decoded = networks.decode(heard, up, { lowest, restored, logStep, logKnownStep: tf.log(knownStep) })
  const pixels = picture.shape[1] * picture.shape[2]
  const distortion = tf.div(tf.sum(tf.squaredDifference(decoded, picture), [1, 2, 3]), pixels) as tf.Tensor1D
  return { picture: decoded, distortion, rate: tf.mul(tf.div(bits, pixels), sounds) as tf.Tensor1D }
}

/** In half of the tiles, channels after a random cut are a bit plane behind, as in a code that ends within a plane. */
function planesBehind(n: number, random: Random): tf.Tensor4D {
  const factors = new Float32Array(n * CHANNELS).fill(1)
  for (let i = 0; i < n; i++)
    if (random.uniform() < 0.5) factors.fill(2, i * CHANNELS + random.integer(CHANNELS), (i + 1) * CHANNELS)
  return tf.tensor4d(factors, [n, 1, 1, CHANNELS])
}
