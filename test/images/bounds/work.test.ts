/** What an image may cost is counted before it is spent: work in units, memory in bytes, never a clock. */
import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { manyScansJpeg, manyTablesJpeg } from '../../../bench/worst/hostile-jpeg.ts'
import { deepPng, inflatingPng, manyChunksPng } from '../../../bench/worst/hostile-png.ts'
import { flatWebp, manyGroupsWebp } from '../../../bench/worst/hostile-webp.ts'
import { decodeImage, readImageHeader } from '../../../shared/images/decode-image.ts'
import { ImageError, ImageTooLargeError } from '../../../shared/images/errors.ts'
import type { ImageType } from '../../../shared/images/image-type.ts'
import { DEFAULT_MAX_WORK, WorkBudget } from '../../../shared/images/limits.ts'
import { limits, MODELS } from '../like-sharp.ts'
import { picture, sharpOf } from '../pictures.ts'
import { rawPng } from '../png/raw-png.ts'

const [shape] = MODELS
const decode = async (bytes: Uint8Array, type: ImageType, work = new WorkBudget()) =>
  (await decodeImage(bytes, type, shape, { ...limits, work })).samples
/** Units that a file takes. */
async function workOf(bytes: Uint8Array, type: ImageType): Promise<number> {
  const work = new WorkBudget()
  await decode(bytes, type, work)
  return DEFAULT_MAX_WORK - work.left
}

test('a PNG of more samples than the budget has is refused before it is inflated; one of more data than it wants is not', async () => {
  await expect(decode(deepPng(4000), 'image/png')).rejects.toThrow(ImageTooLargeError)
  expect(await workOf(inflatingPng(), 'image/png')).toBeLessThan(2e4) // 100 MB; only 3 kB are needed
})

test('a PNG whose data is nothing but block headers is refused when they have used up the budget', async () => {
  const emptyBlocks = Buffer.concat(new Array<Buffer>(100_000).fill(Buffer.of(0, 0, 0, 0xff, 0xff)))
  const stream = Buffer.concat([deflateSync(Buffer.alloc(0)).subarray(0, 2), emptyBlocks])
  const image = { width: 32, height: 32, bitDepth: 8, colourType: 0, lines: new Uint8Array(1024) }
  const png = rawPng({ ...image, pack: () => [new Uint8Array(stream)] })
  await expect(decode(png, 'image/png')).rejects.toThrow(ImageTooLargeError)
})

test('the chunks of all PNGs of a request are counted, by the first look at their headers already', () => {
  const png = manyChunksPng(400e3)
  const work = new WorkBudget(10e6)
  const look = () => readImageHeader(png, 'image/png', { ...limits, work })
  for (let i = 0; i < 3; i++) look()
  expect(look).toThrow(ImageTooLargeError)
})

test('images that share a budget are refused together although each alone is read', async () => {
  const photograph = new Uint8Array(
    await sharpOf(picture(1200, 900, 3))
      .png()
      .toBuffer(),
  )
  const alone = await workOf(photograph, 'image/png')
  const work = new WorkBudget(2.5 * alone)
  await decode(photograph, 'image/png', work)
  await decode(photograph, 'image/png', work)
  await expect(decode(photograph, 'image/png', work)).rejects.toThrow(
    /takes \d+ units of decoding work, \d+ of \d+ are left/,
  )
  expect(work.left / alone).toBeCloseTo(0.5, 1) // the chunks of the one that was refused are spent
})

test('a progressive JPEG is charged for every block of every scan, and may send no bit twice', async () => {
  const few = await workOf(manyScansJpeg(16_000, 1000, 9), 'image/jpeg')
  const many = await workOf(manyScansJpeg(16_000, 1000, 99), 'image/jpeg')
  expect(many - few).toBeGreaterThan(90 * (2000 * 125))
  await expect(decode(manyScansJpeg(16_000, 1000, 127), 'image/jpeg')).rejects.toThrow(ImageError)
  const twice = manyScansJpeg(1024, 1024, 1)
  const scanAt = Buffer.from(twice).lastIndexOf(Buffer.of(0xff, 0xda))
  const repeated = Buffer.concat([twice.subarray(0, -2), twice.subarray(scanAt)])
  await expect(decode(new Uint8Array(repeated), 'image/jpeg')).rejects.toThrow('does not follow')
})

test('segments of a JPEG are counted: megabytes of empty tables are refused after ten thousand', async () => {
  await expect(decode(manyTablesJpeg(9.9e6), 'image/jpeg')).rejects.toThrow('at most 10000 segments')
})

test('how finely a JPEG is decoded depends on the file, not on the budget: the CLI and the service agree', async () => {
  const large = new Uint8Array(
    await sharpOf(picture(2400, 1800, 3))
      .jpeg({ quality: 95 })
      .toBuffer(),
  )
  const fine = { width: 256, height: 256, channels: 3 } as const
  const [unbounded, bounded] = await Promise.all(
    [new WorkBudget(Number.POSITIVE_INFINITY), new WorkBudget()].map((work) =>
      decodeImage(large, 'image/jpeg', fine, { ...limits, work }),
    ),
  )
  expect(unbounded).toEqual(bounded)
})

test('a WebP whose tables would take more memory than the bound is refused, and leaves nothing behind', async () => {
  const good = new Uint8Array(
    await sharpOf(picture(61, 40, 4))
      .webp()
      .toBuffer(),
  )
  const expected = await decode(good, 'image/webp')
  for (const [width, height] of [
    [512, 256], // took 117 MB
    [1024, 512], // took 394 MB
  ] as const) {
    await expect(decode(manyGroupsWebp(width, height), 'image/webp')).rejects.toThrow(/more than 62 MiB/)
    expect(await decode(good, 'image/webp')).toEqual(expected)
  }
})

test('WebP decoded at once, one after another and after a damaged one give the same pixels', async () => {
  const files = await Promise.all(
    [3, 4].map((channels) =>
      sharpOf(picture(61, 40, channels as 3 | 4))
        .webp()
        .toBuffer(),
    ),
  )
  const all = [...files, ...files, flatWebp(300, 200)].map((bytes) => new Uint8Array(bytes))
  const alone: Uint8Array[] = []
  for (const bytes of all) {
    alone.push(await decode(bytes, 'image/webp'))
    const damaged = bytes.map((byte, i) => (i > 40 && i % 5 === 0 ? byte ^ 0x55 : byte))
    await decode(damaged, 'image/webp').catch((error: unknown) => expect(error).toBeInstanceOf(ImageError))
  }
  expect(await Promise.all(all.map((bytes) => decode(bytes, 'image/webp')))).toEqual(alone)
})
