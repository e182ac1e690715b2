import { sampleCount } from '../../shared/manifest.ts'
import { Random } from '../random.ts'
import { type Augmentation, augmentImage, isAugmenting } from './augment.ts'
import type { ImageSet, ImageSource } from './images.ts'

/** A source of batches from images in memory. */
export function memorySource(name: string, set: ImageSet, augmentation: Augmentation): ImageSource {
  const size = sampleCount(set.shape)
  const augmenting = isAugmenting(augmentation)
  return {
    name,
    shape: set.shape,
    count: set.count,
    read(indices, key, into) {
      const random = key && augmenting ? new Random(...key) : undefined
      for (let i = 0; i < indices.length; i++) {
        const offset = indices[i] * size
        if (random) augmentImage(augmentation, set.shape, random, set.samples, offset, into, i * size)
        else into.set(set.samples.subarray(offset, offset + size), i * size)
      }
    },
    close() {},
  }
}
