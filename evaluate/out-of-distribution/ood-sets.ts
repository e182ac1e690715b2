/** Images that a model of digits does not know. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import sharp from 'sharp'
import type { ImageShape } from '../../shared/manifest.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { cifar10 } from '../../train/data/cifar10.ts'
import type { ImageSet } from '../../train/data/images.ts'
import { parseIdxImages } from '../../train/data/mnist.ts'
import { Random } from '../../train/random.ts'
import { imagesOf } from '../data-set.ts'

export interface UnknownSet {
  name: string
  images: Uint8Array[]
}

const NOISE_IMAGES = 2000

export async function unknownSets(
  known: Uint8Array[],
  shape: ImageShape,
  fashion?: string,
): Promise<UnknownSet[]> {
  const sets: UnknownSet[] = [
    { name: 'CIFAR-10, grey', images: imagesOf(await cifar10('test'), shape) },
    { name: 'white noise', images: noise(shape, () => 255) },
    { name: 'faint white noise', images: noise(shape, () => 64) },
    { name: 'inverted digits', images: known.map((image) => image.map((sample) => 255 - sample)) },
    { name: 'digits upside down', images: known.map((image) => image.toReversed()) },
  ]
  if (fashion) sets.push({ name: 'Fashion-MNIST', images: imagesOf(await readFashion(fashion), shape) })
  return sets
}

function noise(shape: ImageShape, amplitude: () => number): Uint8Array[] {
  const random = new Random(1, 1)
  return Array.from({ length: NOISE_IMAGES }, () =>
    Uint8Array.from({ length: sampleCount(shape) }, () => random.integer(amplitude() + 1)),
  )
}

/** An IDX file, gzipped or not, or the 900 images of the picture in the data set's own repository. */
async function readFashion(path: string): Promise<ImageSet> {
  if (!existsSync(path)) throw new Error(`${path}: no such file`)
  const bytes = readFileSync(path)
  if (!path.endsWith('.png')) return parseIdxImages(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return tiles(data, info.width, info.height)
}

/** A grid of 28x28 tiles without gaps. */
function tiles(pixels: Uint8Array, width: number, height: number): ImageSet {
  const side = 28
  const shape = { height: side, width: side, channels: 1 as const }
  const count = Math.floor(width / side) * Math.floor(height / side)
  const samples = new Uint8Array(count * side * side)
  for (let tile = 0, at = 0; tile < count; tile++) {
    const across = Math.floor(width / side)
    const [left, top] = [(tile % across) * side, Math.floor(tile / across) * side]
    for (let y = 0; y < side; y++, at += side) {
      const from = (top + y) * width + left
      samples.set(pixels.subarray(from, from + side), at)
    }
  }
  return { shape, count, samples }
}
