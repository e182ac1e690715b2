/** What the fuzzer damages: real images of every kind that the service reads, and real codes of each model. */

import { healthImage } from '../../edge/routes/health-golden.ts'
import { compress } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'
import type { ImageType } from '../../shared/images/image-type.ts'
import { flatBlockJpeg } from '../images/flat-block-jpeg.ts'
import { picture, sharpOf } from '../images/pictures.ts'
import { type LongCode, makeLongCodes } from './long-codes.ts'

export interface ImageFile {
  type: ImageType
  bytes: Uint8Array
}

export interface Originals {
  images: ImageFile[]
  /** Megabytes each, so they are sent only from time to time. */
  largeImages: ImageFile[]
  codes: { model: Model; code: Uint8Array; samples: Uint8Array }[]
  longCodes: LongCode[]
}

export async function makeOriginals(models: Model[]): Promise<Originals> {
  const codes = models.map((model) => {
    const samples = healthImage(model.manifest.input)
    return { model, samples, code: compress(model, samples).code }
  })
  const longCodes = await makeLongCodes(models)
  return { images: await smallImages(), largeImages: await largeImages(), codes, longCodes }
}

async function smallImages(): Promise<ImageFile[]> {
  const rgb = sharpOf(picture(61, 40, 3))
  const rgba = sharpOf(picture(61, 40, 4))
  const digit = sharpOf(picture(28, 28, 1))
  const oriented = rgb.clone().withMetadata({ orientation: 6 })
  const encoders: [ImageType, Promise<Buffer>][] = [
    ['image/png', digit.clone().png().toBuffer()],
    [
      'image/png',
      sharpOf(picture(32, 32, 3))
        .png()
        .toBuffer(),
    ],
    ['image/png', rgba.clone().png({ progressive: true }).toBuffer()],
    ['image/png', rgb.clone().toColourspace('rgb16').png().toBuffer()],
    ['image/png', rgba.clone().png({ palette: true, colours: 32 }).toBuffer()],
    [
      'image/png',
      sharpOf(picture(200, 180, 3))
        .png()
        .toBuffer(),
    ],
    ['image/jpeg', oriented.clone().jpeg().toBuffer()],
    ['image/jpeg', rgb.clone().jpeg({ progressive: true }).toBuffer()],
    ['image/jpeg', digit.clone().jpeg().toBuffer()],
    [
      'image/jpeg',
      sharpOf(picture(600, 400, 3))
        .jpeg({ progressive: true })
        .toBuffer(),
    ],
    ['image/jpeg', rgb.clone().toColourspace('cmyk').jpeg().toBuffer()],
    ['image/webp', oriented.clone().webp().toBuffer()],
    ['image/webp', rgba.clone().webp().toBuffer()],
    ['image/webp', rgba.clone().webp({ lossless: true }).toBuffer()],
  ]
  const files = await Promise.all(
    encoders.map(async ([type, bytes]) => ({ type, bytes: new Uint8Array(await bytes) })),
  )
  const sampling: [number, number][] = [
    [2, 1],
    [1, 1],
    [1, 1],
  ]
  const restarting = flatBlockJpeg({ width: 70, height: 50, sampling, restartInterval: 3 })
  return [...files, { type: 'image/jpeg', bytes: restarting }]
}

async function largeImages(): Promise<ImageFile[]> {
  const large = picture(3000, 2000, 3)
  for (let i = 0; i < large.data.length; i++) large.data[i] &= 0xe0 // without fine noise: below 10 MB
  const image = sharpOf(large)
  const encoders: [ImageType, Promise<Buffer>][] = [
    ['image/png', image.clone().png({ compressionLevel: 2 }).toBuffer()],
    ['image/jpeg', image.clone().jpeg().toBuffer()],
    ['image/webp', image.clone().webp({ effort: 0 }).toBuffer()],
    ['image/webp', image.clone().webp({ effort: 0, lossless: true }).toBuffer()],
  ]
  return Promise.all(encoders.map(async ([type, bytes]) => ({ type, bytes: new Uint8Array(await bytes) })))
}
