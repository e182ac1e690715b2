import { openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import sharp from 'sharp'
import { openImage } from '../../node/open-image.ts'
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

const { shape, augmentation, cacheFile } = workerData as FolderWorkerData
const size = sampleCount(shape)
sharp.concurrency(1)

parentPort!.on('message', async ({ id, task }: { id: number; task: FolderTask }) => {
  try {
    const result = 'decode' in task ? await decodeFiles(task.decode) : readImages(task.read, task.key)
    const samples = result instanceof Uint8Array ? result : result.samples
    parentPort!.postMessage({ id, result }, [samples.buffer as ArrayBuffer])
  } catch (error) {
    parentPort!.postMessage({ id, error: String(error) })
  }
})

async function decodeFiles(files: string[]): Promise<Decoded> {
  const samples: Uint8Array[] = []
  const unreadable: Decoded['unreadable'] = []
  for (const file of files)
    try {
      samples.push(await decodeFile(file))
    } catch (error) {
      unreadable.push({ file, reason: (error as Error).message.split('\n')[0]! })
    }
  const joined = new Uint8Array(samples.length * size)
  samples.forEach((s, i) => {
    joined.set(s, i * size)
  })
  return { samples: joined, unreadable }
}

/** As the service, the CLI and evaluation read it. */
async function decodeFile(file: string): Promise<Uint8Array> {
  const image = await openImage(new Uint8Array(await readFile(file)))
  if (!image) throw new Error('not an image of a known format')
  return image.samplesAs(shape)
}

let cache: number | undefined

function readImages(indices: Uint32Array, key: number[] | undefined): Uint8Array {
  cache ??= openSync(cacheFile, 'r')
  const random = key && isAugmenting(augmentation) ? new Random(...key) : undefined
  const batch = new Uint8Array(indices.length * size)
  const image = new Uint8Array(size)
  for (let i = 0; i < indices.length; i++) {
    const target = random ? image : batch.subarray(i * size, (i + 1) * size)
    readSync(cache, target, 0, size, indices[i]! * size)
    if (random) augmentImage(augmentation, shape, random, image, 0, batch, i * size)
  }
  return batch
}
