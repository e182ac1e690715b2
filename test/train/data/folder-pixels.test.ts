/** One definition of pixels: what training sees of a file is what the service makes of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { openImage } from '../../../node/open-image.ts'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { isImageType, typeBySignature } from '../../../shared/images/image-type.ts'
import { type ImageShape, sampleCount } from '../../../shared/manifest.ts'
import { folderData } from '../../../train/data/folder.ts'
import { presets } from '../../../train/presets.ts'
import { DISPLAY_P3, matrixProfile } from '../../images/colour/matrix-profile.ts'
import { picture, sharpOf } from '../../images/pictures.ts'
import { iccpChunk, iccSegments, withChunks, withSegments } from '../../images/with-metadata.ts'

const folder = mkdtempSync(join(tmpdir(), 'latent64-pixels-'))
afterAll(() => rmSync(folder, { recursive: true }))

const flat = (background: { r: number; g: number; b: number }) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })

async function makeFolder(): Promise<string[]> {
  const photograph = sharpOf(picture(300, 200, 3))
  const p3 = matrixProfile(DISPLAY_P3)
  const files: Record<string, Uint8Array> = {
    'blue.png': await flat({ r: 0, g: 0, b: 255 }).png().toBuffer(),
    'red.gif': await flat({ r: 255, g: 0, b: 0 }).gif().toBuffer(),
    'green.webp': await flat({ r: 0, g: 255, b: 0 }).webp({ lossless: true }).toBuffer(),
    'green.tif': await flat({ r: 0, g: 255, b: 0 }).tiff({ compression: 'lzw' }).toBuffer(),
    'photograph.jpg': await photograph.clone().jpeg().toBuffer(),
    'progressive.jpg': await photograph.clone().jpeg({ progressive: true }).toBuffer(),
    'turned.jpg': await photograph.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'p3.jpg': withSegments(await photograph.clone().jpeg().toBuffer(), iccSegments(p3)),
    'p3.png': withChunks(await photograph.clone().png().toBuffer(), iccpChunk(p3)),
    'cmyk.jpg': await photograph.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'transparent.png': await sharpOf(picture(120, 90, 4))
      .png()
      .toBuffer(),
    'grey.png': await sharpOf(picture(28, 28, 1))
      .png()
      .toBuffer(),
  }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return Object.keys(files).map((name) => join(folder, name))
}

/** As the service does: by its own decoders, or as the CLI does, if they do not read the format. */
async function expectedSamples(file: string, shape: ImageShape): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(readFileSync(file))
  const type = typeBySignature(bytes)
  if (isImageType(type)) return (await decodeImage(bytes, type, shape, { maxPixels: 1e6 })).samples
  return (await openImage(bytes))?.samplesAs(shape)
}

test('training reads exactly the pixels that the service and the CLI read, in grey and in colour', async () => {
  const files = await makeFolder()
  for (const channels of [1, 3] as const) {
    const shape = { height: 16, width: 24, channels }
    const { training, validation, sample } = await folderData(
      { ...presets.photo.data, source: folder, size: shape },
      1,
    )
    training.close()
    const size = sampleCount(shape)
    const seen = [validation, sample].flatMap((set) =>
      Array.from({ length: set.count }, (_, i) => set.samples.slice(i * size, (i + 1) * size)),
    )
    const expected = await Promise.all(files.map((file) => expectedSamples(file, shape)))
    const sorted = (images: (Uint8Array | undefined)[]) =>
      images.map((samples) => Buffer.from(samples ?? []).toString('hex')).sort()
    expect(sorted(seen)).toEqual(sorted(expected))
  }
})

test("grey is BT.601's luma of sRGB values for every format: red 76, green 150, blue 29", async () => {
  const shape = { height: 16, width: 24, channels: 1 } as const
  for (const [name, level] of [
    ['red.gif', 76],
    ['green.webp', 150],
    ['green.tif', 150],
    ['blue.png', 29],
  ] as const) {
    expect(new Set(await expectedSamples(join(folder, name), shape)), name).toEqual(new Set([level]))
  }
})
