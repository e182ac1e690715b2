import sharp, { type JpegOptions, type Sharp, type WebpOptions } from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage, type ImageType, readImageHeader } from '../edge/images/decode-image.ts'
import { ImageTooLargeError, UnsupportedImageError } from '../edge/images/errors.ts'
import { areaAverage, toChannels } from '../shared/resize.ts'
import '../train/node-libwebp.ts'
import { type FlatBlockJpeg, flatBlockJpeg } from './flat-block-jpeg.ts'
import { type Picture, picture, rgbBySharp, sharpOf } from './pictures.ts'

const limits = { maxPixels: 16e6 }
const MODELS = [
  { height: 32, width: 32, channels: 3 },
  { height: 28, width: 28, channels: 1 },
] as const

/** Largest and mean difference of two pictures, in 8-bit steps. */
function difference(a: Uint8Array, b: Uint8Array): { largest: number; mean: number } {
  expect(a.length).toBe(b.length)
  const steps = Array.from(a, (value, i) => Math.abs(value - b[i]!))
  const largest = steps.reduce((most, step) => Math.max(most, step), 0)
  return { largest, mean: steps.reduce((sum, step) => sum + step, 0) / steps.length }
}

/** Decoded here for both models and at the image's own size, against sharp's pixels through shared/resize.ts. */
async function expectLikeSharp(
  bytes: Uint8Array,
  type: ImageType,
  largest: number,
  mean: number,
): Promise<void> {
  const reference = await rgbBySharp(bytes)
  const rgb = reference.channels === 1 ? toChannels(reference.data, 1, 3) : reference.data
  const { width, height } = reference
  for (const shape of [...MODELS, { width, height, channels: 3 } as const]) {
    const decoded = await decodeImage(bytes, type, shape, limits)
    expect([decoded.width, decoded.height]).toEqual([width, height])
    const off = difference(decoded.samples, areaAverage(rgb, { width, height, channels: 3 }, shape))
    expect
      .soft(off.largest, `largest difference at ${shape.width} x ${shape.height}`)
      .toBeLessThanOrEqual(largest)
    expect.soft(off.mean, `mean difference at ${shape.width} x ${shape.height}`).toBeLessThanOrEqual(mean)
  }
}

const SIZES = [
  [28, 28],
  [1, 1],
  [3, 50],
  [33, 47],
  [300, 211],
] as const

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

const JPEG_KINDS: [string, 1 | 3, JpegOptions][] = [
  ['4:2:0', 3, {}],
  ['progressive', 3, { progressive: true }],
  ['4:4:4', 3, { chromaSubsampling: '4:4:4' }],
  ['grey', 1, {}],
  ['progressive grey', 1, { progressive: true }],
  ['mozjpeg', 3, { mozjpeg: true, quality: 90 }],
  ['low quality', 3, { quality: 10 }],
]

for (const [name, channels, options] of JPEG_KINDS) {
  test(`JPEG, ${name}: within rounding of sharp, from the full decode to DC coefficients alone`, async () => {
    for (const [width, height] of [...SIZES, [600, 500], [1501, 1103]] as const) {
      const jpeg = await sharpOf(picture(width, height, channels))
        .jpeg(options)
        .toBuffer()
      await expectLikeSharp(jpeg, 'image/jpeg', 4, 0.35)
    }
  })
}

const SAMPLINGS: [string, FlatBlockJpeg['sampling']][] = [
  [
    '4:4:4',
    [
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    '4:2:2',
    [
      [2, 1],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    '4:4:0',
    [
      [1, 2],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    '4:2:0',
    [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    '4:1:1',
    [
      [4, 1],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    '4:1:0',
    [
      [4, 2],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    'chroma of two kinds',
    [
      [2, 2],
      [2, 1],
      [1, 2],
    ],
  ],
  ['grey with a needless factor', [[2, 2]]],
]

for (const [name, sampling] of SAMPLINGS) {
  test(`JPEG, ${name}: like sharp with and without restart intervals, in one scan or three`, async () => {
    for (const restartInterval of [0, 1, 5]) {
      for (const interleaved of [true, false]) {
        for (const [width, height] of [
          [67, 41],
          [520, 515],
        ] as const) {
          const jpeg = flatBlockJpeg({ width, height, sampling, restartInterval, interleaved })
          await expectLikeSharp(jpeg, 'image/jpeg', 3, 0.4)
        }
      }
    }
  })
}

test("JPEG: Adobe's marker says whether three components are RGB or YCbCr", async () => {
  for (const adobeTransform of [0, 1]) {
    const sampling: FlatBlockJpeg['sampling'] = [
      [1, 1],
      [1, 1],
      [1, 1],
    ]
    await expectLikeSharp(
      flatBlockJpeg({ width: 67, height: 41, sampling, adobeTransform }),
      'image/jpeg',
      2,
      0.3,
    )
  }
})

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

test('EXIF orientations 1 to 8 are honoured in JPEG, WebP and PNG', async () => {
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

test('what is not read is refused with 415 and a reason: CMYK JPEG, animated WebP', async () => {
  const cmyk = await sharpOf(picture(20, 20, 3))
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer()
  const frames = await sharp(picture(20, 40, 3).data, {
    raw: { width: 20, height: 40, channels: 3, pageHeight: 20 },
  })
    .webp()
    .toBuffer()
  for (const [bytes, type, reason] of [
    [cmyk, 'image/jpeg', 'CMYK'],
    [frames, 'image/webp', 'animation'],
  ] as const) {
    const decode = async (): Promise<unknown> => decodeImage(bytes, type, MODELS[0], limits)
    await expect(decode()).rejects.toThrow(UnsupportedImageError)
    await expect(decode()).rejects.toThrow(reason)
  }
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
