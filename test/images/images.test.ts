import sharp, { type Sharp, type WebpOptions } from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage, readImageHeader } from '../../shared/images/decode-image.ts'
import { ImageTooLargeError } from '../../shared/images/errors.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import { toChannels } from '../../shared/images/resize.ts'
import { expectLikeSharp, limits, MODELS, SIZES } from './like-sharp.ts'
import { type Picture, picture, sharpOf } from './pictures.ts'

/** 1, 2 and 4 bits and 16 bits are as exact as 8: only 16 bits, which sharp cuts and we round, may differ by one. */
const PNG_KINDS: [string, Picture['channels'], (image: Sharp) => Sharp, number][] = [
  ['grey', 1, (image) => image.png(), 0],
  ['grey with alpha', 2, (image) => image.png(), 1],
  ['RGB', 3, (image) => image.png(), 0],
  ['RGBA', 4, (image) => image.png(), 1],
  ['interlaced grey', 1, (image) => image.png({ progressive: true }), 0],
  ['interlaced RGBA', 4, (image) => image.png({ progressive: true }), 1],
  ['adaptively filtered RGB', 3, (image) => image.png({ adaptiveFiltering: true }), 0],
  ['16-bit grey', 1, (image) => image.toColourspace('grey16').png(), 1],
  ['16-bit RGB', 3, (image) => image.toColourspace('rgb16').png(), 1],
  ['16-bit RGBA', 4, (image) => image.toColourspace('rgb16').png(), 1],
  ['palette of 256', 3, (image) => image.png({ palette: true }), 0],
  ['palette of 16', 3, (image) => image.png({ palette: true, colours: 16 }), 0],
  ['palette of 4', 3, (image) => image.png({ palette: true, colours: 4 }), 0],
  ['palette of 2', 3, (image) => image.png({ palette: true, colours: 2 }), 0],
  ['palette with transparency', 4, (image) => image.png({ palette: true, colours: 64 }), 1],
  ['interlaced palette of 4', 3, (image) => image.png({ palette: true, colours: 4, progressive: true }), 0],
]

for (const [name, channels, encode, largest] of PNG_KINDS) {
  test(`PNG, ${name}: like sharp at every size`, async () => {
    for (const [width, height] of SIZES) {
      const png = await encode(sharpOf(picture(width, height, channels))).toBuffer()
      await expectLikeSharp(png, 'image/png', largest, largest)
    }
  })
}

const WEBP_KINDS: [string, 3 | 4, WebpOptions, number][] = [
  ['lossy', 3, {}, 0],
  ['lossless', 3, { lossless: true }, 0],
  ['lossy with alpha', 4, {}, 1],
  ['lossless with alpha', 4, { lossless: true, exact: true }, 1],
]

for (const [name, channels, options, largest] of WEBP_KINDS) {
  test(`WebP, ${name}: like sharp at every size`, async () => {
    for (const [width, height] of SIZES) {
      const webp = await sharpOf(picture(width, height, channels))
        .webp(options)
        .toBuffer()
      await expectLikeSharp(webp, 'image/webp', largest, largest)
    }
  })
}

test('EXIF orientations 1 to 8 are applied in JPEG, WebP and PNG', async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    for (const format of ['jpeg', 'webp', 'png'] as const) {
      const image = sharpOf(picture(90, 60, 3)).withMetadata({ orientation })
      const bytes = await image.toFormat(format).toBuffer()
      expect((await sharp(bytes).metadata()).orientation).toBe(orientation)
      await expectLikeSharp(bytes, `image/${format}`, 3, 0.2)
      const header = readImageHeader(bytes, `image/${format}`, limits)
      expect([header.width, header.height]).toEqual(orientation >= 5 ? [60, 90] : [90, 60])
    }
  }
})

test("a grey image of the model's size is bit-exact, whether it comes as grey, RGB, RGBA or palette", async () => {
  const digit = picture(28, 28, 1)
  const rgb = toChannels(digit.data, 1, 3)
  const inRgb = sharp(rgb, { raw: { width: 28, height: 28, channels: 3 } })
  const files = [
    await sharpOf(digit).png().toBuffer(),
    await inRgb.clone().png().toBuffer(),
    await inRgb.clone().ensureAlpha().png().toBuffer(),
    await inRgb.clone().png({ palette: true, colours: 256, dither: 0 }).toBuffer(),
  ]
  for (const file of files) {
    const { samples } = await decodeImage(file, 'image/png', { height: 28, width: 28, channels: 1 }, limits)
    expect(Buffer.from(samples).equals(Buffer.from(digit.data))).toBe(true)
  }
})

test('channels of the header tell grey from colour without decoding', async () => {
  const channelsOf = async (image: Sharp, type: ImageType): Promise<number> =>
    readImageHeader(await image.toBuffer(), type, limits).channels
  expect(await channelsOf(sharpOf(picture(9, 9, 1)).png(), 'image/png')).toBe(1)
  expect(await channelsOf(sharpOf(picture(9, 9, 2)).png(), 'image/png')).toBe(1)
  expect(await channelsOf(sharpOf(picture(9, 9, 4)).png(), 'image/png')).toBe(3)
  expect(await channelsOf(sharpOf(picture(9, 9, 1)).jpeg(), 'image/jpeg')).toBe(1)
  expect(await channelsOf(sharpOf(picture(9, 9, 3)).jpeg(), 'image/jpeg')).toBe(3)
  expect(await channelsOf(sharpOf(picture(9, 9, 3)).webp(), 'image/webp')).toBe(3)
})

test('a header beyond the limits is refused before anything is decoded, in every format', async () => {
  for (const format of ['png', 'jpeg', 'webp'] as const) {
    const bytes = await sharpOf(picture(40, 30, 3))
      .toFormat(format)
      .toBuffer()
    const decode = async (): Promise<unknown> =>
      decodeImage(bytes, `image/${format}`, MODELS[0], { maxPixels: 40 * 30 - 1 })
    await expect(decode()).rejects.toThrow(ImageTooLargeError)
    await expect(decode()).rejects.toThrow('expected at most 1199 pixels, got 40 x 30')
  }
})

/** A WebP's header with other sides, and behind it a chunk of this many bytes that no decoder reads. */
function heavyWebp(webp: Uint8Array, width: number, height: number, bytes: number): Uint8Array {
  const heavy = new Uint8Array(webp.length + 8 + bytes)
  heavy.set(webp)
  heavy.set(Buffer.from('JUNK'), webp.length)
  const view = new DataView(heavy.buffer)
  view.setUint32(4, heavy.length - 8, true)
  view.setUint16(26, width, true) // RIFF, VP8 and frame headers before it
  view.setUint16(28, height, true)
  view.setUint32(webp.length + 4, bytes, true)
  return heavy
}

test('a WebP of 12 megapixels may have 3 MB; with 4 it takes too much work, with 6 too much memory, as libwebp copies the file', async () => {
  const webp = await sharpOf(picture(40, 30, 3))
    .webp()
    .toBuffer()
  const decode = async (bytes: number): Promise<unknown> =>
    decodeImage(heavyWebp(webp, 4000, 3000, bytes), 'image/webp', MODELS[0], limits)
  await expect(decode(3e6)).rejects.toThrow('does not decode')
  await expect(decode(3.9e6)).rejects.toThrow('units of decoding work')
  await expect(decode(5.9e6)).rejects.toThrow(
    /at most 1\d{7} pixels of a WebP of 59\d{5} bytes, got 4000 x 3000/,
  )
})
