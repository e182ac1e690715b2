import sharp from 'sharp'
import { expect, test } from 'vitest'
import { isImageType, typeBySignature } from '../../shared/images/image-type.ts'
import { picture, sharpOf } from './pictures.ts'

test('the signature tells every format that sharp writes, and whether we read it', async () => {
  for (const [format, read] of [
    ['png', true],
    ['jpeg', true],
    ['webp', true],
    ['gif', false],
    ['avif', false],
    ['tiff', false],
  ] as const) {
    const type = typeBySignature(
      await sharpOf(picture(9, 9, 3))
        .toFormat(format)
        .toBuffer(),
    )
    expect(type).toBe(`image/${format}`)
    expect(isImageType(type)).toBe(read)
  }
})

test('HEIC and AVIF are told apart by their brands; a video is neither', () => {
  const ftyp = (...brands: string[]) => {
    const box = Buffer.from(`\0\0\0\0ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1')
    box[3] = box.length
    return typeBySignature(box)
  }
  expect(ftyp('heic', 'mif1', 'heic')).toBe('image/heic')
  expect(ftyp('mif1', 'mif1', 'heic')).toBe('image/heic')
  expect(ftyp('mif1', 'avif', 'miaf')).toBe('image/avif')
  expect(ftyp('avis')).toBe('image/avif')
  expect(ftyp('isom', 'iso2', 'mp41')).toBeUndefined()
})

test('samples, codes, text and no bytes at all are not images; a PNG with damaged line ends is one', async () => {
  for (const bytes of [[], [0xff, 0xd8], [137, 80, 78], new Array(784).fill(0), new Array(784).fill(255)]) {
    expect(typeBySignature(Uint8Array.from(bytes))).toBeUndefined()
  }
  expect(typeBySignature(Buffer.from('{"pixels":[]}'))).toBeUndefined()
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  png[4] = 0x0a
  expect(typeBySignature(png)).toBe('image/png')
})
