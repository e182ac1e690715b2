import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { decodeImage, readImageHeader } from '../../shared/images/decode-image.ts'
import { ImageError, ImageTooLargeError } from '../../shared/images/errors.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import '../../node/open-image.ts'
import { pngAround, withGoodChecksums } from '../fuzz/damage.ts'
import { flatBlockJpeg } from './flat-block-jpeg.ts'
import { picture, sharpOf } from './pictures.ts'

const shape = { height: 32, width: 32, channels: 3 } as const
const limits = { maxPixels: 16e6 }
const PATIENCE_MS = 5000 // on a busy machine; a decode takes a few

interface File {
  type: ImageType
  bytes: Uint8Array
}
const files: File[] = []

beforeAll(async () => {
  const add = async (type: ImageType, bytes: Promise<Uint8Array>): Promise<void> => {
    files.push({ type, bytes: new Uint8Array(await bytes) })
  }
  await add(
    'image/png',
    sharpOf(picture(28, 28, 1))
      .png()
      .toBuffer(),
  )
  await add(
    'image/png',
    sharpOf(picture(61, 40, 4))
      .png({ progressive: true })
      .toBuffer(),
  )
  await add(
    'image/png',
    sharpOf(picture(200, 180, 3))
      .png()
      .toBuffer(),
  ) // inflated in steps
  await add(
    'image/png',
    sharpOf(picture(61, 40, 3))
      .png({ palette: true, colours: 16 })
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(61, 40, 3))
      .jpeg()
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(61, 40, 3))
      .jpeg({ progressive: true })
      .toBuffer(),
  )
  await add(
    'image/jpeg',
    sharpOf(picture(600, 400, 3))
      .jpeg({ progressive: true })
      .toBuffer(),
  )
  const factors: [number, number][] = [
    [2, 2],
    [1, 1],
    [1, 1],
  ]
  const restarting = { width: 70, height: 50, sampling: factors, restartInterval: 3 }
  await add('image/jpeg', Promise.resolve(flatBlockJpeg(restarting)))
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 3))
      .webp()
      .toBuffer(),
  )
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 4))
      .webp()
      .toBuffer(),
  )
  await add(
    'image/webp',
    sharpOf(picture(61, 40, 3))
      .webp({ lossless: true })
      .toBuffer(),
  )
})

/** Either samples or one of the three errors, within bounded time. */
async function decodesOrRefuses(bytes: Uint8Array, type: ImageType): Promise<boolean> {
  const start = performance.now()
  try {
    const { samples } = await decodeImage(bytes, type, shape, limits)
    expect(samples.length).toBe(32 * 32 * 3)
    return true
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return false
  } finally {
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
  }
}

/** A JPEG's end marker and a PNG's IEND, which hold nothing of the picture: without them the file is still whole. */
const endBytes = { 'image/jpeg': 2, 'image/png': 12, 'image/webp': 0 }

test('every file cut short, at every length, is an ImageError', async () => {
  for (const { type, bytes } of files) {
    const step = Math.ceil(bytes.length / 400)
    for (let length = 0; length < bytes.length; length += step) {
      if (length >= bytes.length - endBytes[type]) continue
      const whole = await decodesOrRefuses(bytes.slice(0, length), type)
      expect(whole, `${type} of ${bytes.length} bytes cut to ${length}`).toBe(false)
    }
  }
}, 120_000)

test('a PNG with any one byte of its header, palette or data altered is an ImageError: each has its CRC', async () => {
  const png = files[0]!.bytes
  const endAt = png.length - endBytes['image/png']
  const metadata = Buffer.from(png).indexOf('pHYs') // sharp writes it between header and data
  for (let at = 0; at < endAt; at++) {
    if (at >= metadata - 4 && at < metadata + 17) continue
    const damaged = png.slice()
    damaged[at]! ^= 1 << (at % 8)
    expect(await decodesOrRefuses(damaged, 'image/png'), `byte ${at}`).toBe(false)
  }
})

test('files with bytes altered, removed, repeated or put in never throw anything but ImageError', async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    kind: fc.constantFrom('set', 'flip', 'remove', 'repeat', 'insert'),
    value: fc.integer({ min: 0, max: 255 }),
  })
  const damage = fc.record({ file: fc.nat(), changes: fc.array(change, { minLength: 1, maxLength: 6 }) })
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, changes }) => {
      const { type, bytes } = files[file % files.length]!
      const damaged = [...bytes]
      for (const { at, kind, value } of changes) {
        const place = Math.floor(at * damaged.length)
        if (kind === 'set') damaged[place] = value
        else if (kind === 'flip') damaged[place] = (damaged[place] ?? 0) ^ (1 << (value & 7))
        else if (kind === 'remove') damaged.splice(place, 1 + (value & 15))
        else if (kind === 'repeat') damaged.splice(place, 0, ...damaged.slice(place, place + value))
        else damaged.splice(place, 0, value)
      }
      await decodesOrRefuses(repaired(Uint8Array.from(damaged), type), type)
    }),
    { numRuns: 1500, seed: 64 },
  )
}, 120_000)

function repaired(bytes: Uint8Array, type: ImageType): Uint8Array {
  return type === 'image/png' ? withGoodChecksums(bytes) : bytes
}

test('random bytes behind a good signature never throw anything but ImageError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 400 }), async (file, noise) => {
      const { type, bytes } = files[file % files.length]!
      const keep = (file >> 8) % 60
      const made = new Uint8Array([...bytes.subarray(0, keep), ...noise])
      await decodesOrRefuses(made, type)
      try {
        readImageHeader(made, type, limits)
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError)
      }
    }),
    { numRuns: 3000, seed: 64 },
  )
}, 120_000)

const png = (width: number, height: number, data: Uint8Array[]): Uint8Array =>
  pngAround(width, height, 6, data)

test('a header of 60000 x 60000 is ImageTooLargeError, in every format', async () => {
  const jpeg = flatBlockJpeg({ width: 8, height: 8, sampling: [[1, 1]] })
  const frameAt = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0)
  jpeg.set([0xea, 0x60, 0xea, 0x60], frameAt + 5)
  const webp = files.find(({ type }) => type === 'image/webp')!.bytes.slice()
  webp.set([0xff, 0x3f, 0xff, 0x3f], 26) // 16383, the most that WebP has
  for (const [bytes, type] of [
    [png(60000, 60000, [deflateSync(Buffer.alloc(1000))]), 'image/png'],
    [jpeg, 'image/jpeg'],
    [webp, 'image/webp'],
  ] as const) {
    await expect((async () => decodeImage(bytes, type, shape, limits))()).rejects.toThrow(ImageTooLargeError)
    expect(() => readImageHeader(bytes, type, limits)).toThrow(ImageTooLargeError)
  }
})

test('zero sizes are malformed, in every format', async () => {
  const jpeg = flatBlockJpeg({ width: 8, height: 0, sampling: [[1, 1]] })
  const webp = files.find(({ type }) => type === 'image/webp')!.bytes.slice()
  webp.set([0, 0], 26)
  for (const [bytes, type] of [
    [png(0, 5, [deflateSync(Buffer.alloc(5))]), 'image/png'],
    [jpeg, 'image/jpeg'],
    [webp, 'image/webp'],
  ] as const) {
    await expect((async () => decodeImage(bytes, type, shape, limits))()).rejects.toMatchObject({
      status: 400,
    })
  }
})

test('10 MB that would inflate to 10 GB stop as soon as the image has all its lines', async () => {
  const bomb = deflateSync(Buffer.alloc(100e6), { level: 9 }) // 100 kB
  const start = performance.now()
  expect(await decodesOrRefuses(png(100, 100, new Array(100).fill(bomb)), 'image/png')).toBe(true)
  expect(await decodesOrRefuses(png(100, 100, [bomb]), 'image/png')).toBe(true)
  expect(await decodesOrRefuses(png(28, 28, [bomb.subarray(0, 60000)]), 'image/png')).toBe(true)
  const rest = Buffer.alloc(10e6)
  const longTail = [Buffer.concat([deflateSync(Buffer.alloc(401 * 100)), rest])]
  expect(await decodesOrRefuses(png(100, 100, longTail), 'image/png')).toBe(true)
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
})

test('10 MB of the smallest chunks, stuffed bytes or scans take bounded time', async () => {
  const emptyChunk = png(1, 1, [Buffer.alloc(0)]).subarray(33, 45)
  const chunks = Buffer.concat(new Array(800_000).fill(emptyChunk))
  const start = performance.now()
  const whole = png(1, 1, [deflateSync(Buffer.alloc(5))])
  await decodesOrRefuses(new Uint8Array([...whole.subarray(0, 33), ...chunks]), 'image/png')
  const jpeg = flatBlockJpeg({ width: 8, height: 8, sampling: [[1, 1]] })
  const stuffing = Buffer.alloc(10e6).map((_, i) => (i % 2 === 0 ? 0xff : 0))
  await decodesOrRefuses(new Uint8Array(Buffer.concat([jpeg.subarray(0, -2), stuffing])), 'image/jpeg')
  const decode = async (): Promise<unknown> => decodeImage(scanBomb(), 'image/jpeg', shape, limits)
  await expect(decode()).rejects.toThrow('does not follow')
  expect(performance.now() - start).toBeLessThan(2 * PATIENCE_MS)
})

/** A progressive JPEG of 16 megapixels with as many DC refinement scans as fit into 10 MB. */
function scanBomb(): Uint8Array {
  const jpeg = Buffer.from(flatBlockJpeg({ width: 8, height: 8, sampling: [[1, 1]] }))
  const frameAt = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  jpeg[frameAt + 1] = 0xc2
  jpeg.set([4000 >> 8, 4000 & 255, 4000 >> 8, 4000 & 255], frameAt + 5)
  const tables = jpeg.subarray(0, jpeg.indexOf(Buffer.from([0xff, 0xda])))
  const blocks = 500 * 500
  const scan = (approximation: number, bytes: number): Buffer =>
    Buffer.concat([Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, approximation]), Buffer.alloc(bytes)])
  const refinements = new Array(300).fill(scan(0xdc, blocks / 8)) // from bit 13 to 12
  return new Uint8Array(Buffer.concat([tables, scan(0x0d, blocks / 2), ...refinements])) // a code is 4 bits
}
