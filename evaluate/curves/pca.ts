/**
 * The best that a linear codec can do: principal components of the training set, one quantization step for all of them,
 * and ideal entropy coding: -log2 of each symbol's frequency among the training images, without a header or rounding to
 * bytes.
 */

import { loadWasm } from '../../node/tensorflow/load-wasm.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { fitTables, project, rateBits, reconstruct } from '../../train/baselines/linear-codec.ts'
import { type ImageSet, subset } from '../../train/data/images.ts'
import { principalComponents } from '../../train/networks/pca.ts'
import { evenly, imageOf, type TestSet } from '../data-set.ts'
import { type ImageRecord, recordOf } from '../image-record.ts'

/** On [0, 1] samples, coarsest first. */
const STEPS = [2.4, 1.7, 1.2, 0.85, 0.6, 0.42, 0.3]
const TRAINING_IMAGES = 10_000
/** More than any of these steps leaves nonzero: the rest would cost no bits and change no pixel. */
const COMPONENTS = 256

export async function measurePca(
  training: ImageSet,
  set: TestSet,
  indices: number[],
): Promise<ImageRecord[]> {
  await loadWasm()
  const fitted = subset(training, evenly(training.count, TRAINING_IMAGES))
  const components = await principalComponents(fitted, Math.min(COMPONENTS, sampleCount(training.shape)), 1)
  const trainingLatents = await project(fitted, components)
  const test = subset({ shape: set.shape, count: set.names.length, samples: set.samples }, indices)
  const latents = await project(test, components)
  const records: ImageRecord[] = []
  for (const count of [64, COMPONENTS])
    for (const step of STEPS) {
      const tables = fitTables(trainingLatents, count, step)
      const decoded = await reconstruct(latents, components, count, step)
      for (const [i, index] of indices.entries()) {
        const total = rateBits(latents[i], count, step, tables) / 8
        const name = {
          image: set.names[index],
          codec: count === 64 ? 'PCA-64' : 'PCA',
          setting: `step ${step}`,
        }
        const coded = { bytes: { total }, samples: decoded[i] }
        records.push(recordOf(name, imageOf(set, index), coded, set.shape))
      }
    }
  return records
}
