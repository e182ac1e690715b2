/**
 * Crops of photographs, squashed to the model's size, because a preview model must know pictures at all scales and not
 * only CIFAR-10's. Each file gives the whole picture, and crops of 30 to 100 % of each side, seeded by the file's
 * index.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { listFiles } from '../../node/list-files.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { purpose, Random } from '../random.ts'
import { fingerprint } from './fingerprint.ts'
import type { ImageSet } from './images.ts'

const cache = fileURLToPath(new URL('../../.cache/crops', import.meta.url))
const PHOTOGRAPHS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.avif', '.tif', '.tiff'])
const SMALLEST_CROP = 0.3
/** Crops have at least a third of this, which is more than any model's side. */
const READ_AT = 512

interface Photograph {
  width: number
  height: number
  channels: 3
  samples: Uint8Array
}

/** `perFile` images of each file below a folder. Made once and kept in .cache. */
export async function cropsOf(folder: string, perFile: number, shape: ImageShape): Promise<ImageSet> {
  if (shape.channels !== 3) throw new Error('crops are taken from colour images')
  const files = (await listFiles(resolve(folder), (extension) => PHOTOGRAPHS.has(extension))).map(
    ({ input }) => input,
  )
  if (files.length === 0) throw new Error(`${folder}: no photographs found`)
  const cacheFile = join(cache, `${fingerprint(files, ['1', perFile, shape])}.raw`)
  if (!existsSync(cacheFile)) await cropAll(files, perFile, shape, cacheFile)
  const samples = readFileSync(cacheFile)
  return { shape, count: samples.length / sampleCount(shape), samples }
}

async function cropAll(
  files: string[],
  perFile: number,
  shape: ImageShape,
  cacheFile: string,
): Promise<void> {
  const crops: Uint8Array[] = []
  let said = performance.now()
  for (const [i, file] of files.entries()) {
    const photograph = await readPhotograph(file).catch((error: Error) => {
      console.error(`skipped ${file}: ${error.message.split('\n')[0]}`)
    })
    if (photograph) crops.push(...cropsOfOne(photograph, perFile, shape, new Random(i, purpose.crop)))
    if (performance.now() - said > 5000) {
      said = performance.now()
      console.error(`cropping photographs: ${i + 1} of ${files.length}`)
    }
  }
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${cacheFile}.part`, Buffer.concat(crops))
  renameSync(`${cacheFile}.part`, cacheFile)
}

async function readPhotograph(file: string): Promise<Photograph> {
  const size = { width: READ_AT, height: READ_AT, fit: 'inside', withoutEnlargement: true } as const
  const { data, info } = await sharp(file, { failOn: 'truncated' })
    .autoOrient()
    .resize(size)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: 3, samples: data }
}

function cropsOfOne(photograph: Photograph, count: number, shape: ImageShape, random: Random): Uint8Array[] {
  const side = (whole: number, share: number) => Math.max(1, Math.floor(whole * Math.min(1, share)))
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return areaAverage(photograph.samples, photograph, shape)
    const share = SMALLEST_CROP + (1 - SMALLEST_CROP) * random.uniform()
    const stretch = Math.exp(0.7 * (random.uniform() - 0.5))
    const width = side(photograph.width, share * stretch)
    const height = side(photograph.height, share / stretch)
    const x = random.integer(photograph.width - width + 1)
    const y = random.integer(photograph.height - height + 1)
    return areaAverage(cut(photograph, x, y, width, height), { width, height, channels: 3 }, shape)
  })
}

function cut({ samples, width }: Photograph, x: number, y: number, w: number, h: number): Uint8Array {
  const part = new Uint8Array(3 * w * h)
  for (let row = 0; row < h; row++) {
    const from = 3 * ((y + row) * width + x)
    part.set(samples.subarray(from, from + 3 * w), 3 * row * w)
  }
  return part
}
