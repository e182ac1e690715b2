import sharp, { type WebpOptions } from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage } from '../../shared/images/decode-image.ts'
import { ImageError } from '../../shared/images/errors.ts'
import { expectLikeSharp, limits, MODELS } from './like-sharp.ts'
import { picture, sharpOf } from './pictures.ts'

const WEBP = 'image/webp'
const VP8X_FLAGS = 20
const ALPHA_FLAG = 0x10

/** Frames of 41 x 31 in one file. */
async function animation(frames: Buffer[], options: WebpOptions): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await sharp(frames, { join: { animated: true } })
      .webp(options)
      .toBuffer(),
  )
}

const photograph = (channels: 3 | 4) =>
  sharpOf(picture(41, 31, channels))
    .png()
    .toBuffer()
const red = () =>
  sharp({ create: { width: 41, height: 31, channels: 4, background: '#f00' } })
    .png()
    .toBuffer()

/** libwebp keeps of a frame only the rectangle that is not transparent. */
async function patch(opacity: number): Promise<Buffer> {
  const background = { r: 10, g: 200, b: 90, alpha: opacity }
  const small = await sharp({ create: { width: 17, height: 9, channels: 4, background } })
    .png()
    .toBuffer()
  const clear = { create: { width: 41, height: 31, channels: 4 as const, background: '#0000' } }
  return sharp(clear)
    .composite([{ input: small, left: 12, top: 8 }])
    .png()
    .toBuffer()
}

const frames: [string, () => Promise<Buffer>][] = [
  ['a photograph', () => photograph(3)],
  ['a photograph with transparency', () => photograph(4)],
  ['a patch', () => patch(1)],
  ['a half transparent patch', () => patch(0.5)],
]

for (const [name, first] of frames)
  for (const options of [{ quality: 80 }, { lossless: true }])
    test(`the first frame of an animated WebP is read as sharp reads it: ${name}, ${JSON.stringify(options)}`, async () => {
      const webp = await animation([await first(), await red()], options)
      await expectLikeSharp(webp, WEBP, 2, 0.6)
    })

test.each([{ quality: 80 }, { lossless: true }])(
  'a canvas is transparent beside its first frame, also if the file says that it is opaque: %j',
  async (options) => {
    const webp = await animation([await patch(0.5), await red()], options)
    webp[VP8X_FLAGS] &= ~ALPHA_FLAG
    await expectLikeSharp(webp, WEBP, 2, 0.6)
  },
)

test('an animation without a frame, or with one beyond its canvas, is damaged', async () => {
  const webp = await animation([await patch(1), await red()], { lossless: true })
  const anmf = Buffer.from(webp).indexOf('ANMF')
  const beyond = webp.slice()
  beyond[anmf + 8] = 200
  const without = webp.slice()
  for (let at = anmf; at >= 0; at = Buffer.from(without).indexOf('ANMF')) without[at] = 0x58
  for (const damaged of [beyond, without])
    await expect(async () => decodeImage(damaged, WEBP, MODELS[0], limits)).rejects.toThrow(ImageError)
})
