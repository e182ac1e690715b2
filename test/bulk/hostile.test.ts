import { beforeAll, expect, test } from 'vitest'
import { healthImage } from '../../edge/routes/health-golden.ts'
import { encodePng } from '../../shared/images/png/encode-png.ts'
import { flatBlockJpeg } from '../images/flat-block-jpeg.ts'
import { BUCKET, DB, deliver, event, PHOTOS, png, problemOf, put, row, startAfresh } from './bulk.ts'

beforeAll(startAfresh)

/** Delivers a message about the object; its row's problem. */
async function problemWith(
  bytes: Uint8Array<ArrayBuffer> | string,
  httpMetadata: R2HTTPMetadata = {},
): Promise<{ type: string; title: string; status: number; detail: string } | null | undefined> {
  await PHOTOS.put('x', bytes, { httpMetadata })
  expect(await deliver([event('x')])).toEqual({ acked: [0], retried: [] })
  const image = await row('x')
  if (image?.error !== null) expect(image).toMatchObject({ code: null, width: null, model: null })
  return problemOf(image)
}

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const jpeg = () => new Uint8Array(flatBlockJpeg({ width: 64, height: 48, sampling: [[1, 1]] }))

/** A PNG that claims other sides; its check sums are wrong, but those come after the dimensions. */
async function pngOfSides(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await png()
  new DataView(bytes.buffer).setUint32(16, width)
  new DataView(bytes.buffer).setUint32(20, height)
  return bytes
}

/** Marker segments of 64 kB each before the frame. */
function withLongHeader(image: Uint8Array, segments: number): Uint8Array<ArrayBuffer> {
  const segment = new Uint8Array(65_537).fill(7)
  segment.set([0xff, 0xe5, 0xff, 0xff])
  const bytes = new Uint8Array(image.length + segments * segment.length)
  bytes.set(image.subarray(0, 2))
  for (let i = 0; i < segments; i++) bytes.set(segment, 2 + i * segment.length)
  bytes.set(image.subarray(2), 2 + segments * segment.length)
  return bytes
}

test('anything but an image is an unsupported type, whatever its name and metadata say', async () => {
  const files = [
    'hello',
    '<!doctype html>',
    'GIF89a......',
    '%PDF-1.7',
    '\0\0\0\x1cftypavif\0\0\0\0avif',
    '{}',
    'P',
  ]
  for (const file of files) {
    const problem = await problemWith(ascii(file), { contentType: 'image/png' })
    expect(problem).toMatchObject({ type: '/docs#unsupported-type', status: 415 })
    expect(problem?.title).toBeTruthy()
  }
})

test('an empty object is a malformed image', async () => {
  expect(await problemWith('')).toMatchObject({ type: '/docs#malformed-image', status: 400 })
})

test('files that are cut off or damaged are malformed images', async () => {
  const whole = [await png(), jpeg()]
  for (const image of whole)
    for (const part of [0.2, 0.5, 0.9])
      expect(await problemWith(image.slice(0, image.length * part))).toMatchObject({
        type: '/docs#malformed-image',
      })
  const damaged = await png()
  damaged[damaged.length - 30] ^= 255
  expect(await problemWith(damaged)).toMatchObject({ type: '/docs#malformed-image' })
  expect(await problemWith(ascii('RIFF\x10\0\0\0WEBPVP8L....'))).toMatchObject({
    type: '/docs#malformed-image',
  })
})

test('the sides that a header claims are checked before anything is decoded', async () => {
  for (const [width, height] of [
    [60_000, 60_000],
    [5000, 4000],
    [2 ** 31, 1],
  ] as const)
    expect(await problemWith(await pngOfSides(width, height))).toMatchObject({
      type: '/docs#too-large',
      status: 413,
    })
})

test('an object over the limit of bytes is never read', async () => {
  const large = new Uint8Array(10_000_001)
  large.set(await png())
  expect(await problemWith(large)).toMatchObject({ type: '/docs#too-large', maxBytes: 10_000_000 })
})

test('a header longer than the first read is read whole', async () => {
  expect(await problemWith(withLongHeader(jpeg(), 40))).toBeNull()
  expect(await row('x')).toMatchObject({ width: 64, height: 48 })
  expect(await problemWith(withLongHeader(jpeg().slice(0, -20), 40))).toMatchObject({
    type: '/docs#malformed-image',
  })
})

test('raw samples are accepted unless the metadata names another type', async () => {
  const samples = new Uint8Array(healthImage({ height: 28, width: 28, channels: 1 }))
  for (const httpMetadata of [{}, { contentType: 'application/octet-stream' }]) {
    expect(await problemWith(samples, httpMetadata)).toBeNull()
    expect(await row('x')).toMatchObject({ model: 'mnist', width: 28, height: 28 })
  }
  samples[0] ^= 1 // or it would be the same object, by its etag
  expect(await problemWith(samples, { contentType: 'text/plain' })).toMatchObject({
    type: '/docs#unsupported-type',
  })
})

test('a wrong type in the metadata does not matter', async () => {
  expect(await problemWith(await png(), { contentType: 'image/jpeg' })).toBeNull()
  expect(await problemWith(jpeg(), { contentType: 'application/pdf' })).toBeNull()
})

test('hostile objects in a batch cost the others nothing', async () => {
  const good = await png(3)
  const shape = { height: 4000, width: 4000, channels: 1 } as const
  const black = new Uint8Array(await encodePng(new Uint8Array(16_000_000), shape)) // 16 kB to 16 megapixels
  await put('0-bomb.png', black)
  await put('1-claims.png', await pngOfSides(65_535, 65_535))
  await put('2-good.png', good)
  await put('3-empty.png', '')
  await put('4-good.png', await png(4))
  const keys = ['0-bomb.png', '1-claims.png', '2-good.png', '3-empty.png', '4-good.png']
  expect((await deliver(keys.map((key) => event(key)))).acked).toHaveLength(keys.length)
  const { results } = await DB.prepare('SELECT key FROM images WHERE bucket = ?1 AND code IS NOT NULL')
    .bind(BUCKET)
    .all<{ key: string }>()
  expect(results.map(({ key }) => key)).toEqual(expect.arrayContaining(['2-good.png', '4-good.png']))
})

test('a problem that the object itself has is settled: the next delivery does not read it', async () => {
  const problem = await problemWith('no image')
  const before = await row('x')
  expect(problem).toMatchObject({ status: 415 })
  await deliver([event('x')])
  expect(await row('x')).toEqual(before)
})
