import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isImageExtension } from '../../node/image-type.ts'
import { filesBelow } from '../../node/list-files.ts'
import { WorkerPool } from '../../node/pool.ts'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { purpose, Random } from '../random.ts'
import { type DataSettings, defaultSize } from '../settings.ts'
import { fingerprint } from './fingerprint.ts'
import type { Decoded, FolderTask, FolderWorkerData } from './folder-worker.ts'
import type { ImageSet, ImageSource, TrainingData } from './images.ts'

const caches = fileURLToPath(new URL('../../.cache/folders', import.meta.url))
const filesPerTask = 16
const memoryForSample = 64 * 2 ** 20
const memoryForValidation = 64 * 2 ** 20

/** What the first pass over the folder keeps in the cache besides the images. */
interface FolderIndex {
  count: number
  unreadable: Decoded['unreadable']
}

/**
 * The images in a folder and its subfolders, of any size and format. Each is decoded once, at the model's size, into
 * one file in .cache, from which worker threads read and augment batches. Memory holds only some batches, the
 * validation images and a sample, however many files there are.
 */
export async function folderData(settings: DataSettings, seed: number): Promise<TrainingData> {
  const folder = resolve(settings.source)
  const shape = settings.size ?? defaultSize
  const files = await listImages(folder)
  if (files.length === 0) throw new Error(`${folder}: no image files found`)
  const cacheFile = join(caches, `${fingerprint(files, [CACHE_VERSION, shape])}.raw`)
  const setup: FolderWorkerData = { shape, augmentation: settings.augmentation, cacheFile }
  const pool = new WorkerPool<FolderTask, Decoded | Uint8Array>(
    new URL('./folder-worker.ts', import.meta.url),
    setup,
    Math.min(4, availableParallelism()),
  )
  try {
    const index = await decodeOnce(files, cacheFile, pool)
    reportUnreadable(index.unreadable)
    if (index.count < 2) throw new Error(`${folder}: ${index.count} readable images; at least 2 are needed`)
    return split(settings, seed, shape, cacheFile, index.count, pool)
  } catch (error) {
    await pool.close()
    throw error
  }
}

async function listImages(folder: string): Promise<string[]> {
  const files = await filesBelow(folder).catch((error: Error) => {
    throw new Error(`--data ${folder}: neither mnist nor cifar10 nor a readable folder (${error.message})`)
  })
  const images = files.filter((file) => isImageExtension(extname(file).toLowerCase()))
  const others = files.length - images.length
  if (others) console.error(`${folder}: ${others} files do not have the name of an image`)
  return images.sort()
}

/** To be raised whenever images are read in another way. */
const CACHE_VERSION = '2'

async function decodeOnce(
  files: string[],
  cacheFile: string,
  pool: WorkerPool<FolderTask, Decoded | Uint8Array>,
): Promise<FolderIndex> {
  const indexFile = `${cacheFile}.json`
  if (existsSync(indexFile)) return JSON.parse(readFileSync(indexFile, 'utf8')) as FolderIndex
  mkdirSync(caches, { recursive: true })
  const partFile = `${cacheFile}.${process.pid}.part` // another run may be reading the same folder
  const out = openSync(partFile, 'w')
  const unreadable: Decoded['unreadable'] = []
  const pending: Promise<Decoded>[] = []
  let said = performance.now()
  let at = 0
  let bytes = 0
  while (at < files.length || pending.length) {
    while (at < files.length && pending.length < 2 * pool.size) {
      pending.push(pool.run({ decode: files.slice(at, at + filesPerTask) }) as Promise<Decoded>)
      at += filesPerTask
    }
    const decoded = await pending.shift()!
    bytes += decoded.samples.length
    writeSync(out, decoded.samples)
    unreadable.push(...decoded.unreadable)
    if (performance.now() - said > 5000) {
      said = performance.now()
      console.error(`reading images: ${Math.min(at, files.length)} of ${files.length}`)
    }
  }
  closeSync(out)
  renameSync(partFile, cacheFile)
  const index = { count: files.length - unreadable.length, unreadable }
  if (index.count > 0 && bytes % index.count)
    throw new Error('the cache of images does not hold whole images')
  writeFileSync(indexFile, JSON.stringify(index))
  return index
}

function reportUnreadable(unreadable: Decoded['unreadable']) {
  for (const { file, reason } of unreadable) console.error(`skipped ${file}: ${reason}`)
  if (unreadable.length) console.error(`${unreadable.length} files could not be read and were skipped`)
}

function split(
  settings: DataSettings,
  seed: number,
  shape: ImageShape,
  cacheFile: string,
  count: number,
  pool: WorkerPool<FolderTask, Decoded | Uint8Array>,
): TrainingData {
  const fitting = Math.floor(memoryForValidation / sampleCount(shape))
  const held = Math.max(1, Math.min(settings.validation, Math.floor(count / 5), fitting))
  const order = new Random(seed, purpose.split).permutation(count)
  const used = settings.limit ? order.slice(held, held + settings.limit) : order.slice(held)
  const inSample = Math.min(20_000, used.length, Math.floor(memoryForSample / sampleCount(shape)))
  const training: ImageSource = {
    name: basename(settings.source),
    shape,
    count: used.length,
    async read(indices, key, into) {
      into.set((await pool.run({ read: indices.map((i) => used[i]), key })) as Uint8Array)
    },
    close: () => void pool.close(),
  }
  return {
    training,
    validation: readSet(cacheFile, shape, order.slice(0, held)),
    sample: readSet(cacheFile, shape, used.slice(0, inSample)),
  }
}

function readSet(cacheFile: string, shape: ImageShape, indices: Uint32Array): ImageSet {
  const size = sampleCount(shape)
  const samples = new Uint8Array(indices.length * size)
  const file = openSync(cacheFile, 'r')
  indices.forEach((index, i) => {
    readSync(file, samples, i * size, size, index * size)
  })
  closeSync(file)
  return { shape, count: indices.length, samples }
}
