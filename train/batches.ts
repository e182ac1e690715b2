import { sampleCount } from '../shared/manifest.ts'
import type { ImageSource } from './data/images.ts'
import { corrupt } from './objectives/corruption.ts'
import { purpose, Random } from './random.ts'
import { corruptionOf, type RunSettings } from './settings.ts'

export interface Batch {
  step: number // within the epoch
  count: number // n, the number of images
  clean: Float32Array // [n, pixels] in [0,1]
  input: Float32Array // the same array, unless corrupted
}

export function stepsPerEpoch(source: ImageSource, batch: number): number {
  if (source.count < batch)
    throw new Error(`a batch of ${batch} needs as many images; there are ${source.count}`)
  return Math.floor(source.count / batch)
}

/** How many batches are read ahead, so that workers decode files while the networks train. */
const readAhead = 4

/**
 * One epoch's batches in a new random order, from step `from` on; images beyond the last whole batch are left out of
 * this epoch. A batch's contents depend only on (seed, epoch, step).
 */
export async function* epochBatches(
  source: ImageSource,
  settings: Pick<RunSettings, 'seed' | 'objective' | 'optimization'>,
  epoch: number,
  from: number,
): AsyncGenerator<Batch> {
  const { seed } = settings
  const count = settings.optimization.batch
  const corruption = corruptionOf(settings.objective)
  const order = new Random(seed, purpose.order, epoch).permutation(source.count)
  const steps = stepsPerEpoch(source, count)
  const load = async (step: number): Promise<Uint8Array> => {
    const samples = new Uint8Array(count * sampleCount(source.shape))
    await source.read(
      order.subarray(step * count, (step + 1) * count),
      [seed, purpose.augment, epoch, step],
      samples,
    )
    return samples
  }
  const queue: Promise<Uint8Array>[] = []
  let next = from
  for (let step = from; step < steps; step++) {
    while (next < steps && queue.length < readAhead) {
      const loading = load(next++)
      loading.catch(() => {}) // an error is reported when the batch is awaited
      queue.push(loading)
    }
    const clean = toUnit(await queue.shift()!)
    const input = corruption ? Float32Array.from(clean) : clean
    if (corruption) corrupt(corruption, input, new Random(seed, purpose.corrupt, epoch, step))
    yield { step, count, clean, input }
  }
}

export function toUnit(samples: Uint8Array): Float32Array {
  const unit = new Float32Array(samples.length)
  for (let i = 0; i < samples.length; i++) unit[i] = samples[i] / 255
  return unit
}
