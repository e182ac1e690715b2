import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../shared/manifest.ts'
import { toUnit } from './batches.ts'
import type { ImageSet } from './data/images.ts'
import { corrupt } from './objectives/corruption.ts'
import type { Losses, Objective } from './objectives/objective.ts'
import type { RunSettings } from './presets.ts'
import { purpose, Random } from './random.ts'

export interface Validation {
  loss: number
  mse: number
  psnrDb: number
  rateBits: number
}

const chunk = 1000

/** The objective's losses without its noise, over a set of images; `level` for one rate level. */
export async function validate(
  objective: Objective,
  set: ImageSet,
  settings: RunSettings,
  losses: (clean: tf.Tensor2D, input: tf.Tensor2D) => Losses = (clean, input) =>
    objective.validationLosses(clean, input),
): Promise<Validation> {
  const pixels = sampleCount(set.shape)
  const sums = [0, 0, 0]
  for (let at = 0; at < set.count; at += chunk) {
    const n = Math.min(chunk, set.count - at)
    const clean = toUnit(set.samples.subarray(at * pixels, (at + n) * pixels))
    const input = settings.corruption ? Float32Array.from(clean) : clean
    if (settings.corruption)
      corrupt(settings.corruption, input, new Random(settings.seed, purpose.corrupt, -1, at))
    const values = tf.tidy(() => {
      const { loss, mse, rateBits } = losses(tf.tensor2d(clean, [n, pixels]), tf.tensor2d(input, [n, pixels]))
      return tf.stack([loss, mse, rateBits])
    })
    const numbers = await values.data()
    values.dispose()
    for (let i = 0; i < 3; i++) sums[i]! += numbers[i]! * n
  }
  const [loss, mse, rateBits] = sums.map((s) => s / set.count) as [number, number, number]
  return { loss, mse, psnrDb: psnr(mse), rateBits }
}

/** -10 log10, at most 99 dB, for a training-time mean squared error on [0,1] samples. */
export function psnr(mse: number): number {
  return Math.min(99, -10 * Math.log10(mse))
}
