import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { purpose, Random } from '../random.ts'

/** Images of one shape, as 8-bit samples held in memory. */
export interface ImageSet {
  shape: ImageShape
  count: number
  samples: Uint8Array // [count, height, width, channels]
}

/** Where training gets its batches. Asynchronous, so that workers can read a folder ahead. */
export interface ImageSource {
  /** Tells record.json what the run was trained on. */
  name: string
  shape: ImageShape
  count: number
  /** Fills `into` [indices, h, w, c] with these images, augmented by the stream of random numbers `key`. */
  read(indices: Uint32Array, key: number[] | undefined, into: Uint8Array): void | Promise<void>
  close(): void
}

export interface TrainingData {
  training: ImageSource
  validation: ImageSet
  /** A fixed sample of the training images, not augmented, for statistics (PCA start, latent ranges). */
  sample: ImageSet
}

export const firstImages = ({ shape, count, samples }: ImageSet, wanted: number): ImageSet => ({
  shape,
  count: Math.min(count, wanted),
  samples: samples.subarray(0, wanted * sampleCount(shape)),
})

/** Whether all images are the same, sample by sample. */
export function areAlike({ samples, count, shape }: ImageSet): boolean {
  const size = sampleCount(shape)
  const first = Buffer.from(samples.buffer, samples.byteOffset, size)
  for (let i = 1; i < count; i++) if (first.compare(samples, i * size, (i + 1) * size) !== 0) return false
  return true
}

export function subset(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const size = sampleCount(set.shape)
  const samples = new Uint8Array(indices.length * size)
  for (let i = 0; i < indices.length; i++)
    samples.set(set.samples.subarray(indices[i] * size, (indices[i] + 1) * size), i * size)
  return { shape: set.shape, count: indices.length, samples }
}

/** The same seed gives the same split; the rest keeps its order. */
export function splitForValidation(
  set: ImageSet,
  validationCount: number,
  seed: number,
): [ImageSet, ImageSet] {
  const order = new Random(seed, purpose.split).permutation(set.count)
  const validation = order.slice(0, validationCount).sort()
  const rest = order.slice(validationCount).sort()
  return [subset(set, rest), subset(set, validation)]
}
