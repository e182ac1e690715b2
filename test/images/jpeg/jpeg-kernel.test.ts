import { readFileSync } from 'node:fs'
import type { JpegOptions } from 'sharp'
import { afterEach, expect, test } from 'vitest'
import { jpegScanWasmPath } from '../../../node/installed-files.ts'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { provideJpegScan } from '../../../shared/images/jpeg/kernel/jpeg-scan.ts'
import { flatBlockJpeg } from '../flat-block-jpeg.ts'
import { picture, sharpOf } from '../pictures.ts'

const wasm = () => new WebAssembly.Module(readFileSync(jpegScanWasmPath))
const limits = { maxPixels: 2 ** 24 }

afterEach(() => provideJpegScan(undefined))

/** The samples, or what it throws. */
const read = (jpeg: Uint8Array, side: number) =>
  decodeImage(jpeg, 'image/jpeg', { width: side, height: side, channels: 3 }, limits).then(
    ({ samples }) => Buffer.from(samples).toString('base64'),
    (error: Error) => `${error.name}: ${error.message}`,
  )

/** At sizes that take 1, 2, 4 and 8 cells per side. */
async function expectSame(jpeg: Uint8Array, sides = [3, 7, 13, 32, 90]): Promise<void> {
  for (const side of sides) {
    provideJpegScan(undefined)
    const expected = await read(jpeg, side)
    provideJpegScan(wasm)
    expect(await read(jpeg, side)).toBe(expected)
  }
}

const KINDS: [string, 1 | 3, JpegOptions][] = [
  ['4:2:0', 3, {}],
  ['4:4:4 of high quality', 3, { chromaSubsampling: '4:4:4', quality: 100 }],
  ['low quality', 3, { quality: 3 }],
  ['tables of its own', 3, { optimiseCoding: true, quality: 95 }],
  ['grey', 1, {}],
  ['progressive', 3, { progressive: true }],
]

for (const [name, channels, options] of KINDS)
  test(`${name}: the kernel reads what TypeScript reads, to the bit`, async () => {
    for (const [width, height] of [
      [1, 1],
      [37, 410],
      [611, 300],
      [1024, 768],
    ] as const)
      await expectSame(
        await sharpOf(picture(width, height, channels))
          .jpeg(options)
          .toBuffer(),
      )
  })

test('restart intervals, several scans, and odd sampling factors', async () => {
  const factors: [number, number][][] = [
    [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
    [
      [1, 2],
      [1, 1],
      [1, 1],
    ],
    [
      [4, 1],
      [1, 1],
      [2, 1],
    ],
    [
      [3, 1],
      [2, 1],
      [1, 1],
    ],
    [[2, 1]],
    [
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ],
  ]
  for (const sampling of factors)
    for (const restartInterval of [0, 1, 3])
      for (const interleaved of [true, false])
        await expectSame(flatBlockJpeg({ width: 203, height: 165, sampling, restartInterval, interleaved }))
})

test('damaged files: the same samples, or the same complaint', async () => {
  const whole = new Uint8Array(
    await sharpOf(picture(203, 165, 3))
      .jpeg({ quality: 80 })
      .toBuffer(),
  )
  const restarting = {
    width: 203,
    height: 165,
    restartInterval: 3,
    sampling: [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
  }
  let random = 5
  const below = (limit: number) => {
    random = (random * 1103515245 + 12345) & 0x7fffffff
    return (random >> 8) % limit
  }
  for (const jpeg of [whole, flatBlockJpeg(restarting as never)])
    for (let i = 0; i < 400; i++) {
      const damaged = jpeg.slice(0, i % 4 === 0 ? below(jpeg.length) : jpeg.length)
      for (let hits = below(4); hits >= 0; hits--)
        damaged[20 + below(damaged.length)] = [0xff, 0, 0xd0, below(256)][hits]
      await expectSame(damaged, [7, 13])
    }
}, 60_000)
