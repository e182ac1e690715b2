import { openSync, readSync } from 'node:fs'
import sharp from 'sharp'
import { readBytes } from '../../node/atomic-write.ts'
import { openImage } from '../../node/open-image.ts'
import { serveTasks } from '../../node/pool.ts'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { Random } from '../random.ts'
import { type Augmentation, augmentImage, isAugmenting } from './augment.ts'

export interface FolderWorkerData {
  shape: ImageShape
  augmentation: Augmentation
  /** The images at the model's size, one after another. */
  cacheFile: string
}

export type FolderTask = { decode: string[] } | { read: Uint32Array; key: number[] | undefined }

export interface Decoded {
  samples: Uint8Array // of the readable files, in order
  unreadable: { file: string; reason: string }[]
}

type Done = Decoded | Uint8Array

await serveTasks(
  async (setup: FolderWorkerData) => {
    sharp.concurrency(1)
    const read = readerOf(setup)
    return async (task: FolderTask): Promise<Done> =>
      'decode' in task ? decodeFiles(task.decode, setup.shape) : read(task.read, task.key)
  },
  {
    transferred: (done) => [(done instanceof Uint8Array ? done : done.samples).buffer as ArrayBuffer],
  },
)

async function decodeFiles(files: string[], shape: ImageShape): Promise<Decoded> {
  const samples: Uint8Array[] = []
  const unreadable: Decoded['unreadable'] = []
  for (const file of files)
    try {
      samples.push(await decodeFile(file, shape))
    } catch (error) {
      unreadable.push({ file, reason: (error as Error).message.split('\n')[0] })
    }
  const joined = new Uint8Array(samples.length * sampleCount(shape))
  samples.forEach((s, i) => {
    joined.set(s, i * sampleCount(shape))
  })
  return { samples: joined, unreadable }
}

/** Reads it as the service, the CLI and evaluation do. */
async function decodeFile(file: string, shape: ImageShape): Promise<Uint8Array> {
  const image = await openImage(await readBytes(file))
  if (!image) throw new Error('not an image of a known format')
  return image.samplesAs(shape)
}

/** Reads images from the cache, which exists once all are decoded. */
function readerOf({ shape, augmentation, cacheFile }: FolderWorkerData) {
  const size = sampleCount(shape)
  let cache: number | undefined
  return (indices: Uint32Array, key: number[] | undefined): Uint8Array => {
    cache ??= openSync(cacheFile, 'r')
    const random = key && isAugmenting(augmentation) ? new Random(...key) : undefined
    const batch = new Uint8Array(indices.length * size)
    const image = new Uint8Array(size)
    for (let i = 0; i < indices.length; i++) {
      const target = random ? image : batch.subarray(i * size, (i + 1) * size)
      readSync(cache, target, 0, size, indices[i] * size)
      if (random) augmentImage(augmentation, shape, random, image, 0, batch, i * size)
    }
    return batch
  }
}
