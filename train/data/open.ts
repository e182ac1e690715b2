import type { RunSettings } from '../presets.ts'
import { cifar10 } from './cifar10.ts'
import { type ImageSet, splitForValidation, subset, type TrainingData } from './images.ts'
import { memorySource } from './memory-source.ts'
import { mnist } from './mnist.ts'

const sampleSize = 60_000

/** The training images that the settings name, with a validation set split off them; never a test set. */
export async function openData(settings: RunSettings): Promise<TrainingData> {
  switch (settings.data) {
    case 'mnist':
      return inMemory(settings, 'mnist', mnist('train'))
    case 'cifar10':
      return inMemory(settings, 'cifar10', await cifar10('train'))
    default: {
      const { folderData } = await import('./folder.ts')
      return folderData(settings)
    }
  }
}

function inMemory(settings: RunSettings, name: string, set: ImageSet): TrainingData {
  const held = Math.min(settings.validation, Math.floor(set.count / 5))
  const [rest, validation] = splitForValidation(set, held, settings.seed)
  const used = settings.limit && settings.limit < rest.count ? firstImages(rest, settings.limit) : rest
  return {
    training: memorySource(name, used, settings.augmentation),
    validation,
    sample: firstImages(used, Math.min(sampleSize, used.count)),
  }
}

function firstImages(set: ImageSet, count: number): ImageSet {
  return subset(
    set,
    Array.from({ length: count }, (_, i) => i),
  )
}
