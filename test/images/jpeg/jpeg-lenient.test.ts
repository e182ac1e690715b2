/** Files that other readers accept although something is missing or superfluous. */
import { expect, test } from 'vitest'
import { decodeImage, readImageHeader } from '../../../shared/images/decode-image.ts'
import { ImageError } from '../../../shared/images/errors.ts'
import { type FlatBlockJpeg, flatBlockJpeg, type Segment } from '../flat-block-jpeg.ts'
import { expectLikeSharp, limits } from '../like-sharp.ts'
import { picture, sharpOf } from '../pictures.ts'

const shape = { width: 67, height: 41, channels: 3 } as const
const sampling: FlatBlockJpeg['sampling'] = [
  [2, 2],
  [1, 1],
  [1, 1],
]
const whole = flatBlockJpeg({ width: 67, height: 41, sampling })
const decoded = async (jpeg: Uint8Array) => (await decodeImage(jpeg, 'image/jpeg', shape, limits)).samples
const joined = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

test('JPEG: reads the same without an end marker, with anything after it, and as the first of several (MPO)', async () => {
  const expected = await decoded(whole)
  const body = whole.subarray(0, -2)
  const tails = [
    [],
    [0xff],
    [...Buffer.from('SEFT trailer')],
    [0xff, 0xc0, 0, 17],
    [0xff, 0xd8, 0xff, 0xe1],
    [...whole],
  ]
  for (const tail of tails) {
    expect(await decoded(joined(body, tail))).toEqual(expected)
    expect(await decoded(joined(whole, tail))).toEqual(expected)
  }
})

test('JPEG, progressive: reads without its end marker if every bit of every coefficient has come', async () => {
  const image = sharpOf(picture(67, 41, 3)).jpeg({ progressive: true })
  const jpeg = new Uint8Array(await image.toBuffer())
  expect(await decoded(jpeg.subarray(0, -2))).toEqual(await decoded(jpeg))
  const lastScan = jpeg.lastIndexOf(0xda) - 1 // the scan before it ends here
  await expect(decoded(jpeg.subarray(0, lastScan))).rejects.toThrow(ImageError)
})

test('JPEG: frames without Huffman tables, as in motion JPEG, use the standard ones', async () => {
  await expectLikeSharp(
    flatBlockJpeg({ width: 67, height: 41, sampling, huffmanTables: false }),
    'image/jpeg',
    3,
    0.4,
    0,
  )
  const grey = flatBlockJpeg({ width: 67, height: 41, sampling: [[1, 1]], huffmanTables: false })
  await expectLikeSharp(grey, 'image/jpeg', 1, 0.2, 0)
})

/** A little or big endian TIFF block with the orientation alone, as a number of this TIFF type. */
function exif(orientation: number, type = 3, little = true): Segment {
  const block = Buffer.alloc(26)
  const write16 = (value: number, at: number) =>
    little ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at)
  const write32 = (value: number, at: number) =>
    little ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at)
  block.write(little ? 'II*\0' : 'MM\0*', 'latin1')
  write32(8, 4)
  write16(1, 8)
  write16(0x0112, 10)
  write16(type, 12)
  write32(1, 14)
  if (type === 3 || type === 8) write16(orientation, 18)
  else if (type === 4 || type === 9) write32(orientation, 18)
  else block[18] = orientation
  return [0xe1, Buffer.concat([Buffer.from('Exif\0\0'), block])]
}

const grey: FlatBlockJpeg = { width: 67, height: 41, sampling: [[1, 1]] }

test('JPEG orientation: of two EXIF blocks the first counts, before or behind the frame header, up to the scan', async () => {
  const kinds: Partial<FlatBlockJpeg>[] = [
    { beforeFrame: [exif(6), exif(3)] },
    { beforeFrame: [exif(3), exif(6)] },
    { beforeFrame: [[0xe1, Buffer.from('Exif\0\0damaged')], exif(6)] },
    { beforeFrame: [[0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>')], exif(6)] },
    { beforeScan: [exif(6)] },
    { beforeFrame: [exif(3)], beforeScan: [exif(6)] },
  ]
  for (const kind of kinds)
    await expectLikeSharp(flatBlockJpeg({ ...grey, ...kind }), 'image/jpeg', 1, 0.1, 0)
  const late = flatBlockJpeg({ ...grey, beforeScan: [exif(6)] })
  expect(readImageHeader(late, 'image/jpeg', limits)).toMatchObject({ width: 41, height: 67, orientation: 6 })
})

test('JPEG orientation: whole numbers of every TIFF type count, in both byte orders; 0, 9 and fractions do not', async () => {
  for (const little of [true, false]) {
    for (let type = 1; type <= 10; type++) {
      for (const orientation of [6, 0, 9]) {
        const jpeg = flatBlockJpeg({ ...grey, beforeFrame: [exif(orientation, type, little)] })
        await expectLikeSharp(jpeg, 'image/jpeg', 1, 0.1, 0)
      }
    }
  }
})

test('JPEG: chroma of a quarter of the height and half of the width is repeated, not smoothed, as by libjpeg', async () => {
  const quarter: FlatBlockJpeg['sampling'] = [
    [2, 4],
    [1, 1],
    [1, 1],
  ]
  const jpeg = flatBlockJpeg({ width: 67, height: 41, sampling: quarter, interleaved: false })
  await expectLikeSharp(jpeg, 'image/jpeg', 3, 0.4, 0)
})
