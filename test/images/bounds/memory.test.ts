/** The largest images that the limits allow, each decoded in a process of its own whose peak memory is read. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sharp } from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { picture, sharpOf } from '../pictures.ts'

const decodeOne = join(import.meta.dirname, 'decode-one.ts')
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latent64-'))
})
afterAll(() => rm(dir, { recursive: true }))

/** MB that decoding adds to the process, over those it had before the file was read. */
async function peakMegabytes(file: string, type: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=1', // or up to 48 MB of it would be garbage that is not worth collecting yet
    ...[decodeOne, file, type],
  ])
  return Number(stdout)
}

/** One picture, cut to other shapes, for all. Without fine noise: files of at most 10 MB, the service's limit too. */
const { data } = picture(4000, 4000, 3)
for (let i = 0; i < data.length; i++) data[i] &= 0xc0

// The yardstick is 64 MB beyond an idle isolate's. libwebp needs the whole frame, and its instance takes 16 MiB more.
const LARGE: [string, string, [number, number], (image: Sharp) => Sharp, number][] = [
  ['PNG, 16 megapixels', 'image/png', [4000, 4000], (image) => image.png({ compressionLevel: 2 }), 32],
  ['interlaced RGBA PNG', 'image/png', [2000, 8000], (i) => i.ensureAlpha().png({ progressive: true }), 32],
  ['JPEG, 16 megapixels', 'image/jpeg', [4000, 4000], (image) => image.jpeg({ quality: 92 }), 32],
  ['progressive JPEG, 16 megapixels', 'image/jpeg', [4000, 4000], (i) => i.jpeg({ progressive: true }), 32],
  ['JPEG of 65500 x 244', 'image/jpeg', [65500, 244], (i) => i.jpeg({ chromaSubsampling: '4:4:4' }), 32],
  ['WebP, 12 megapixels', 'image/webp', [4000, 3000], (image) => image.webp({ effort: 0 }), 48],
  [
    'lossless WebP, 6 megapixels',
    'image/webp',
    [3000, 2000],
    (i) => i.webp({ lossless: true, effort: 0 }),
    48,
  ],
]

for (const [name, type, [width, height], encode, megabytes] of LARGE) {
  test.skipIf(process.platform !== 'linux')(
    `${name}: decoding adds less than ${megabytes} MB, the file included`,
    async () => {
      const file = join(dir, 'image')
      const bytes = await encode(
        sharpOf({ data: data.subarray(0, width * height * 3), width, height, channels: 3 }),
      ).toBuffer()
      expect(bytes.length).toBeLessThan(10e6)
      await writeFile(file, bytes)
      expect(await peakMegabytes(file, type)).toBeLessThan(megabytes)
    },
    120_000,
  )
}
