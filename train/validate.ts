import * as tf from '@tensorflow/tfjs'
import { psnrDb } from '../shared/images/metrics.ts'
import { sampleCount } from '../shared/manifest.ts'
import { toUnit } from './batches.ts'
import type { ImageSet } from './data/images.ts'
import { type Corruption, corrupt } from './objectives/corruption.ts'
import type { ValidationLosses } from './objectives/losses.ts'
import { purpose, Random } from './random.ts'

export interface Validation {
  loss: number
  mse: number
  psnrDb: number
  rateBits: number
}

/** The most images, and samples, at a time: large images go in smaller groups. */
const chunkImages = 1000
const chunkSamples = 2 ** 22

/** An objective's losses over a set of images; the encoder's input is corrupted as in training. */
export async function validate(
  losses: ValidationLosses,
  set: ImageSet,
  { corruption, seed }: { corruption: Corruption | null; seed: number },
): Promise<Validation> {
  const pixels = sampleCount(set.shape)
  const chunk = Math.max(1, Math.min(chunkImages, Math.floor(chunkSamples / pixels)))
  const sums = [0, 0, 0]
  for (let first = 0; first < set.count; first += chunk) {
    const n = Math.min(chunk, set.count - first)
    const clean = toUnit(set.samples.subarray(first * pixels, (first + n) * pixels))
    const input = corruption ? Float32Array.from(clean) : clean
    if (corruption) corrupt(corruption, input, new Random(seed, purpose.corrupt, -1, first))
    const values = tf.tidy(() => {
      const { loss, mse, rateBits } = losses(tf.tensor2d(clean, [n, pixels]), tf.tensor2d(input, [n, pixels]))
      return tf.stack([loss, mse, rateBits])
    })
    const numbers = await values.data()
    values.dispose()
    for (let i = 0; i < 3; i++) sums[i] += numbers[i] * n
  }
  const [loss, mse, rateBits] = sums.map((s) => s / set.count) as [number, number, number]
  return { loss, mse, psnrDb: psnrDb(mse), rateBits }
}
