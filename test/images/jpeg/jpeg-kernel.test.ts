import { readFileSync } from 'node:fs'
import type { JpegOptions } from 'sharp'
import { afterEach, expect, test } from 'vitest'
import { jpegScanWasmPath } from '../../../node/installed-files.ts'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { JpegMarkers } from '../../../shared/images/jpeg/jpeg-markers.ts'
import { decodePlanes } from '../../../shared/images/jpeg/jpeg-planes.ts'
import { provideJpegScan } from '../../../shared/images/jpeg/kernel/jpeg-scan.ts'
import { WorkBudget } from '../../../shared/images/limits.ts'
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

/** Every cell of a block that holds samples, or what it throws. */
function cells(jpeg: Uint8Array, n: 1 | 2 | 4 | 8): string {
  try {
    const { planes } = decodePlanes(new JpegMarkers(jpeg, limits), n, () => 0, new WorkBudget())
    const rows = planes.flatMap(({ cells, stride, blocksAcross, blocksDown }) =>
      Array.from({ length: n * blocksDown }, (_, y) =>
        cells.subarray(y * stride, y * stride + n * blocksAcross),
      ),
    )
    return Buffer.concat(rows).toString('base64')
  } catch (error) {
    return String(error)
  }
}

/** At sizes that take 1, 2, 4 and 8 cells per side, and those cells. */
async function expectSame(jpeg: Uint8Array, sides = [3, 7, 13, 32, 90]): Promise<void> {
  const all = async () => [
    ...(await Promise.all(sides.map((side) => read(jpeg, side)))),
    ...([1, 2, 4, 8] as const).map((n) => cells(jpeg, n)),
  ]
  provideJpegScan(undefined)
  const expected = await all()
  provideJpegScan(wasm)
  expect((await all()).map((found, i) => found === expected[i])).toEqual(expected.map(() => true))
}

let random = 5
const below = (limit: number) => {
  random = (random * 1103515245 + 12345) & 0x7fffffff
  return (random >> 8) % limit
}

const KINDS: [string, 1 | 3, JpegOptions][] = [
  ['4:2:0', 3, {}],
  ['4:4:4 of high quality', 3, { chromaSubsampling: '4:4:4', quality: 100 }],
  ['low quality', 3, { quality: 3 }],
  ['tables of its own', 3, { optimiseCoding: true, quality: 95 }],
  ['grey', 1, {}],
  ['progressive', 3, { progressive: true }],
  ['progressive, of high quality', 3, { progressive: true, quality: 97 }],
  ['progressive, 4:4:4', 3, { progressive: true, quality: 100, chromaSubsampling: '4:4:4' }],
  ['progressive grey', 1, { progressive: true, quality: 95 }],
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

/** In the standard table for luminance (T.81, K.5): zeros before a coefficient, and its bits. */
const CODES = [
  ['00', 0, 1],
  ['01', 0, 2],
  ['11010', 0, 5],
  ['1111111110000011', 0, 10],
  ['1100', 1, 1],
  ['11111001', 2, 2],
  ['1111111111100010', 13, 2],
  ['11111111001', 15, 0],
] as const

function details(): string {
  let codes = ''
  let k = 1
  for (let count = below(12); count > 0; count--) {
    const [code, zeros, bits] = CODES[below(CODES.length)]
    k += zeros + 1
    if (k > 62) break
    codes +=
      code +
      (bits > 0
        ? below(2 ** bits)
            .toString(2)
            .padStart(bits, '0')
        : '')
  }
  return codes
}

test('restart intervals between blocks with details, and values that leave 32 bits', async () => {
  const sampling: [number, number][] = [
    [2, 2],
    [1, 1],
    [1, 1],
  ]
  for (const quantization of [1, 9, 300, 65535]) {
    const steps = [quantization >> 8, quantization & 255]
    const table = [0x10, ...new Array(64).fill(steps).flat()]
    for (const restartInterval of [0, 1, 3])
      for (const interleaved of [true, false]) {
        const options = { width: 203, height: 165, sampling, restartInterval, interleaved, details }
        await expectSame(flatBlockJpeg({ ...options, huffmanTables: false, beforeScan: [[0xdb, table]] }))
      }
  }
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
  const progressive = new Uint8Array(
    await sharpOf(picture(203, 165, 3))
      .jpeg({ quality: 97, progressive: true })
      .toBuffer(),
  )
  for (const jpeg of [whole, flatBlockJpeg(restarting as never), progressive])
    for (let i = 0; i < 400; i++) {
      const damaged = jpeg.slice(0, i % 4 === 0 ? below(jpeg.length) : jpeg.length)
      for (let hits = below(4); hits >= 0; hits--)
        damaged[20 + below(damaged.length)] = [0xff, 0, 0xd0, below(256)][hits]
      await expectSame(damaged, [7, 13])
    }
}, 60_000)
