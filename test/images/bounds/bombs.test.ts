/** Files that claim to be large, or that unpack to much more than they are. */
import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeImage, readImageHeader } from '../../../shared/images/decode-image.ts'
import { ImageTooLargeError } from '../../../shared/images/errors.ts'
import '../../../node/open-image.ts'
import { pngAround } from '../../fuzz/damage.ts'
import { flatBlockJpeg } from '../flat-block-jpeg.ts'
import { picture, sharpOf } from '../pictures.ts'
import { decodesOrRefuses, limits, PATIENCE_MS, shape } from './decodes-or-refuses.ts'

const png = (width: number, height: number, data: Uint8Array[]): Uint8Array =>
  pngAround(width, height, 6, data)

test('a header of 60000 x 60000 throws ImageTooLargeError, in every format', async () => {
  const jpeg = flatBlockJpeg({ width: 8, height: 8, sampling: [[1, 1]] })
  const frameAt = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0)
  jpeg.set([0xea, 0x60, 0xea, 0x60], frameAt + 5)
  const webp = new Uint8Array(
    await sharpOf(picture(61, 40, 3))
      .webp()
      .toBuffer(),
  )
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
  const webp = new Uint8Array(
    await sharpOf(picture(61, 40, 3))
      .webp()
      .toBuffer(),
  )
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
