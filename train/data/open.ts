import { existsSync } from 'node:fs'
import { sampleCount } from '../../shared/manifest.ts'
import { purpose, Random } from '../random.ts'
import type { DataSettings, RunSettings } from '../settings.ts'
import { cifar10 } from './cifar10.ts'
import { cropsOf } from './crops.ts'
import { firstImages, type ImageSet, splitForValidation, subset, type TrainingData } from './images.ts'
import { memorySource } from './memory-source.ts'
import { mnist } from './mnist.ts'

const sampleSize = 60_000

/** The training images that the settings name, with a validation set split off them; never a test set. */
export async function openData({ data, seed }: Pick<RunSettings, 'data' | 'seed'>): Promise<TrainingData> {
  if (isSeveral(data.source)) return inMemory(data, seed, await severalSources(data, seed))
  switch (data.source) {
    case 'mnist':
      return inMemory(data, seed, mnist('train'))
    case 'cifar10':
      return inMemory(data, seed, await cifar10('train'))
    default: {
      const { folderData } = await import('./folder.ts')
      return folderData(data, seed)
    }
  }
}

/** Sources joined by +; a folder's own name may have one. */
const isSeveral = (source: string) => source.includes('+') && !existsSync(source)

/** Colour photographs of one size from all of the sources, mixed: what takes the first ones gets some of each. */
async function severalSources({ source, size, crops }: DataSettings, seed: number): Promise<ImageSet> {
  const shape = size ?? { height: 32, width: 32, channels: 3 as const }
  const sets: ImageSet[] = []
  for (const name of source.split('+'))
    sets.push(name === 'cifar10' ? await cifar10('train') : await cropsOf(name, crops, shape))
  for (const [i, set] of sets.entries())
    if (sampleCount(set.shape) !== sampleCount(shape))
      throw new Error(
        `${source.split('+')[i]}: its images are not of ${shape.height}x${shape.width} in colour`,
      )
  const count = sets.reduce((sum, set) => sum + set.count, 0)
  const joined = { shape, count, samples: Buffer.concat(sets.map(({ samples }) => samples)) }
  return subset(joined, new Random(seed, purpose.mix).permutation(count))
}

function inMemory(settings: DataSettings, seed: number, set: ImageSet): TrainingData {
  const held = Math.min(settings.validation, Math.floor(set.count / 5))
  const [rest, validation] = splitForValidation(set, held, seed)
  const used = settings.limit && settings.limit < rest.count ? firstImages(rest, settings.limit) : rest
  return {
    training: memorySource(settings.source, used, settings.augmentation),
    validation,
    sample: firstImages(used, sampleSize),
  }
}
