import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import type { ImageType } from '../../../shared/images/image-type.ts'
import { expectLikeSharp, limits } from '../like-sharp.ts'
import { type Picture, picture, sharpOf } from '../pictures.ts'
import { extendedWebp, iccpChunk, iccSegments, pngChunk, withChunks, withSegments } from '../with-metadata.ts'
import { ADOBE_RGB, DISPLAY_P3, greyProfile, matrixProfile, SRGB } from './matrix-profile.ts'

const [width, height] = [90, 60]
const shape = { width, height, channels: 3 } as const
const decoded = async (bytes: Uint8Array, type: ImageType) =>
  (await decodeImage(bytes, type, shape, limits)).samples
const png = async (image: Picture) => new Uint8Array(await sharpOf(image).png().toBuffer())
const rgb = picture(width, height, 3)

const PROFILES = {
  'Display P3': matrixProfile(DISPLAY_P3),
  'Adobe RGB': matrixProfile(ADOBE_RGB),
  'a table as curve': matrixProfile({
    ...DISPLAY_P3,
    version: 2,
    curve: { type: 'table', values: Array.from({ length: 1024 }, (_, i) => (i / 1023) ** 1.8) },
  }),
}

for (const [name, profile] of Object.entries(PROFILES)) {
  test(`${name} in PNG, WebP and JPEG becomes the sRGB that sharp makes of it`, async () => {
    for (const channels of [3, 4] as const) {
      const image = picture(width, height, channels)
      await expectLikeSharp(withChunks(await png(image), iccpChunk(profile)), 'image/png', 2, 0.6)
      const webp = new Uint8Array(await sharpOf(image).webp({ lossless: true, exact: true }).toBuffer())
      const extended = extendedWebp(webp, { width, height }, [['ICCP', profile]])
      await expectLikeSharp(extended, 'image/webp', 2, 0.6)
    }
    const palette = new Uint8Array(await sharpOf(rgb).png({ palette: true, colours: 32 }).toBuffer())
    await expectLikeSharp(withChunks(palette, iccpChunk(profile)), 'image/png', 2, 0.5)
    for (const side of [90, 700, 2000]) {
      const jpeg = new Uint8Array(
        await sharpOf(picture(side, side - 9, 3))
          .jpeg({ quality: 95 })
          .toBuffer(),
      )
      await expectLikeSharp(withSegments(jpeg, iccSegments(profile, 300)), 'image/jpeg', 4, 0.6, 2)
    }
  }, 120_000)
}

test('a colour that only Display P3 has is not its samples, and is the same as in sharp', async () => {
  const flat = { data: new Uint8Array(width * height * 3), width, height, channels: 3 as const }
  for (let i = 0; i < flat.data.length; i += 3) flat.data.set([117, 251, 76], i)
  const file = withChunks(await png(flat), iccpChunk(PROFILES['Display P3']))
  expect([...(await decoded(file, 'image/png')).subarray(0, 3)]).toEqual([3, 255, 0])
  await expectLikeSharp(file, 'image/png', 2, 2)
})

test("sRGB's own profile, and any that changes no colour by more than a level, leaves the samples as they are", async () => {
  const plain = await png(rgb)
  const own = await sharp(plain).withIccProfile('srgb').png().toBuffer()
  for (const file of [own, withChunks(plain, iccpChunk(matrixProfile(SRGB)))]) {
    expect(await decoded(file, 'image/png')).toEqual(await decoded(plain, 'image/png'))
  }
})

test('a grey curve is followed; profiles of other channels, cut short, unknown or unpacked to too much are ignored', async () => {
  const grey = await png(picture(width, height, 1))
  const gamma = greyProfile({ type: 'gamma', values: [1.5] })
  await expectLikeSharp(withChunks(grey, iccpChunk(gamma)), 'image/png', 1, 0.5)
  const p3 = PROFILES['Display P3']
  const lab = p3.slice()
  lab.set(Buffer.from('Lab '), 16)
  const ignored = [
    [grey, iccpChunk(p3)],
    [await png(rgb), iccpChunk(gamma)],
    [await png(rgb), iccpChunk(p3.subarray(0, 300))],
    [await png(rgb), iccpChunk(lab)],
    [await png(rgb), iccpChunk(new Uint8Array(5 << 20))],
    [await png(rgb), pngChunk('iCCP', Buffer.from('no profile'))],
  ] as const
  for (const [file, chunk] of ignored) {
    expect(await decoded(withChunks(file, chunk), 'image/png')).toEqual(await decoded(file, 'image/png'))
  }
})

test('PNG: cICP comes before iCCP, iCCP before sRGB and gAMA, as its specification says', async () => {
  const plain = await png(rgb)
  const p3Points = pngChunk('cICP', Uint8Array.of(12, 13, 0, 1))
  const srgbPoints = pngChunk('cICP', Uint8Array.of(1, 13, 0, 1))
  const [p3, gamma, srgb] = [
    iccpChunk(PROFILES['Display P3']),
    pngChunk('gAMA', Uint8Array.of(0, 1, 0x86, 0xa0)),
    pngChunk('sRGB', Uint8Array.of(0)),
  ]
  const inP3 = await decoded(withChunks(plain, p3), 'image/png')
  const asStored = await decoded(plain, 'image/png')
  expect(inP3).not.toEqual(asStored)
  const byPoints = await decoded(withChunks(plain, p3Points), 'image/png')
  expect(byPoints.every((value, i) => Math.abs(value - (inP3[i] ?? 0)) <= 1)).toBe(true)
  expect(await decoded(withChunks(plain, srgbPoints, p3), 'image/png')).toEqual(asStored)
  expect(await decoded(withChunks(plain, p3, srgbPoints), 'image/png')).toEqual(asStored)
  expect(await decoded(withChunks(plain, srgb, gamma, p3), 'image/png')).toEqual(inP3)
  expect(await decoded(withChunks(plain, gamma), 'image/png')).toEqual(asStored)
})
