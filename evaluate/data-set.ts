/** The images of an evaluation, as a model's input: MNIST's or CIFAR-10's test set, or any folder. */
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { areaAverage } from '../shared/images/resize.ts'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { cifar10 } from '../train/data/cifar10.ts'
import type { ImageSet } from '../train/data/images.ts'
import { mnist } from '../train/data/mnist.ts'

export interface TestSet {
  name: string
  shape: ImageShape
  /** Each image's file, or its number in the set. */
  names: string[]
  /** 8-bit samples [n, h, w, c], shared with the workers. */
  samples: Uint8Array
  /** SHA-256 over all samples, the first 16 hexadecimal digits. */
  digest: string
  /** Sizes of the images in their files, which the codes keep. Absent if they have the model's size. */
  originals?: { width: number; height: number }[]
}

/** `mnist`, `cifar10`, or a folder. Images of another size are squashed by area average, as the service does. */
export async function openTestSet(data: string, shape: ImageShape): Promise<TestSet> {
  if (data === 'mnist') return fromSet('mnist', mnist('test'), shape)
  if (data === 'cifar10') return fromSet('cifar10', await cifar10('test'), shape)
  const { readFolder } = await import('./read-folder.ts')
  const { names, images, originals } = await readFolder(data, shape)
  return { ...testSet(basename(resolve(data)).toLowerCase(), shape, names, images), originals }
}

/** Every `step`th image, for codecs that are too slow for all. */
export function evenly(count: number, wanted: number): number[] {
  const taken = Math.min(count, wanted)
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken))
}

export const imageOf = ({ samples, shape }: Pick<TestSet, 'samples' | 'shape'>, index: number) =>
  samples.subarray(index * sampleCount(shape), (index + 1) * sampleCount(shape))

/** These images of a set, as a set. */
export function takeFrom(set: TestSet, indices: number[]): TestSet {
  const { name, shape, names, originals } = set
  const images = indices.map((index) => imageOf(set, index))
  const taken = testSet(
    name,
    shape,
    indices.map((index) => names[index]),
    images,
  )
  return { ...taken, originals: originals && indices.map((index) => originals[index]) }
}

/** A set of images of any shape as images of a model's shape. */
export function imagesOf(set: ImageSet, shape: ImageShape): Uint8Array[] {
  return Array.from({ length: set.count }, (_, i) => areaAverage(imageOf(set, i), set.shape, shape))
}

function fromSet(name: string, set: ImageSet, shape: ImageShape): TestSet {
  const names = Array.from({ length: set.count }, (_, i) => String(i))
  return testSet(name, shape, names, imagesOf(set, shape))
}

function testSet(name: string, shape: ImageShape, names: string[], images: Uint8Array[]): TestSet {
  const size = sampleCount(shape)
  const samples = new Uint8Array(new SharedArrayBuffer(images.length * size))
  images.forEach((image, i) => {
    samples.set(image, i * size)
  })
  const digest = createHash('sha256').update(samples).digest('hex').slice(0, 16)
  return { name, shape, names, samples, digest }
}
