import type { JpegOptions } from 'sharp'
import { test } from 'vitest'
import { type FlatBlockJpeg, flatBlockJpeg } from '../flat-block-jpeg.ts'
import { expectLikeSharp, SIZES } from '../like-sharp.ts'
import { picture, sharpOf } from '../pictures.ts'

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
  test(`JPEG, ${name}: sharp's samples at its own size, and within rounding of them down to DC coefficients alone`, async () => {
    for (const [width, height] of [...SIZES, [600, 500], [1501, 1103]] as const) {
      const jpeg = await sharpOf(picture(width, height, channels))
        .jpeg(options)
        .toBuffer()
      await expectLikeSharp(jpeg, 'image/jpeg', 4, 0.35, 0)
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
          await expectLikeSharp(jpeg, 'image/jpeg', 3, 0.4, 0)
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
      0,
    )
  }
})
