/**
 * The linear limit: principal components of the training set, one quantization step for all of them, and entropy
 * coding at its ideal: -log2 of each symbol's frequency among the training images, no header, no rounding to bytes.
 */

import * as tf from '@tensorflow/tfjs'
import { loadWasm } from '../../node/tensorflow/load-wasm.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { type ImageSet, subset } from '../../train/data/images.ts'
import { type PrincipalComponents, principalComponents } from '../../train/networks/pca.ts'
import { evenly, imageOf, type TestSet } from '../data-set.ts'
import { type ImageRecord, recordOf } from '../image-record.ts'

/** On [0, 1] samples, coarsest first. */
const STEPS = [2.4, 1.7, 1.2, 0.85, 0.6, 0.42, 0.3]
const TRAINING_IMAGES = 10_000
/** More than any of these steps leaves other than zero: the rest would cost no bits and change no pixel. */
const COMPONENTS = 256

interface Tables {
  bits: Map<number, number>[] // [components]
  rareBits: number
}

export async function measurePca(
  training: ImageSet,
  set: TestSet,
  indices: number[],
): Promise<ImageRecord[]> {
  await loadWasm()
  const fitted = subset(training, evenly(training.count, TRAINING_IMAGES))
  const components = await principalComponents(fitted, Math.min(COMPONENTS, sampleCount(training.shape)), 1)
  const trainingLatents = project(fitted, components)
  const test = subset({ shape: set.shape, count: set.names.length, samples: set.samples }, indices)
  const latents = project(test, components)
  return [64, COMPONENTS].flatMap((count) =>
    STEPS.flatMap((step) => {
      const tables = fitTables(trainingLatents, count, step)
      const decoded = reconstruct(latents, components, count, step)
      return indices.map((index, i) => {
        const total = rateBits(latents[i]!, count, step, tables) / 8
        const name = {
          image: set.names[index]!,
          codec: count === 64 ? 'PCA-64' : 'PCA',
          setting: `step ${step}`,
        }
        const coded = { bytes: { total }, samples: decoded[i]! }
        return recordOf(name, imageOf(set, index), coded, set.shape)
      })
    }),
  )
}

/** images -> latents [n][components] */
function project(set: ImageSet, { mean, basis }: PrincipalComponents): Float32Array[] {
  const pixels = mean.length
  const count = basis.length / pixels
  const latents = tf.tidy(() => {
    const x = tf.div(tf.tensor2d(set.samples, [set.count, pixels], 'float32'), 255)
    return tf.matMul(tf.sub(x, mean), tf.tensor2d(basis, [pixels, count]))
  })
  const flat = latents.dataSync() as Float32Array
  latents.dispose()
  return Array.from({ length: set.count }, (_, i) => flat.slice(i * count, (i + 1) * count))
}

function fitTables(latents: Float32Array[], count: number, step: number): Tables {
  const bits = Array.from({ length: count }, (_, k) => {
    const frequencies = new Map<number, number>()
    for (const latent of latents) {
      const symbol = Math.round(latent[k]! / step) + 0
      frequencies.set(symbol, (frequencies.get(symbol) ?? 0) + 1)
    }
    return new Map([...frequencies].map(([symbol, n]) => [symbol, -Math.log2(n / (latents.length + 1))]))
  })
  return { bits, rareBits: Math.log2(latents.length + 1) }
}

function rateBits(latent: Float32Array, count: number, step: number, { bits, rareBits }: Tables): number {
  let sum = 0
  for (let k = 0; k < count; k++) sum += bits[k]!.get(Math.round(latent[k]! / step) + 0) ?? rareBits
  return sum
}

/** latents -> quantized -> 8-bit samples */
function reconstruct(
  latents: Float32Array[],
  { mean, basis }: PrincipalComponents,
  count: number,
  step: number,
) {
  const all = basis.length / mean.length
  const quantized = new Float32Array(latents.length * all)
  latents.forEach((latent, i) => {
    for (let k = 0; k < count; k++) quantized[i * all + k] = Math.round(latent[k]! / step) * step
  })
  const decoded = tf.tidy(() => {
    const y = tf.matMul(
      tf.tensor2d(quantized, [latents.length, all]),
      tf.tensor2d(basis, [mean.length, all]),
      false,
      true,
    )
    return tf.mul(tf.add(y, mean), 255)
  })
  const samples = Uint8ClampedArray.from(decoded.dataSync()) // rounds, and clips to 0..255
  decoded.dispose()
  const size = mean.length
  return latents.map((_, i) => new Uint8Array(samples.buffer, i * size, size))
}
