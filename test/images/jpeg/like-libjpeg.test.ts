/** A JPEG decoded in full, against libjpeg (in sharp) and its arithmetic: no sample differs. */
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { writeSamples, ZIGZAG } from '../../../shared/images/jpeg/cells/jpeg-idct.ts'
import { componentRow, transformRow } from '../../../shared/images/jpeg/jpeg-colour.ts'
import { JpegMarkers } from '../../../shared/images/jpeg/jpeg-markers.ts'
import { decodePlanes } from '../../../shared/images/jpeg/jpeg-planes.ts'
import { WorkBudget } from '../../../shared/images/limits.ts'
import { type JoinedJpeg, joinedJpeg } from '../joined-jpeg.ts'
import { limits } from '../like-sharp.ts'
import { type Picture, picture, sharpOf } from '../pictures.ts'

const SIZES = [
  [1, 1],
  [2, 3],
  [5, 4],
  [67, 41],
] as const
const [SAME, ACROSS, DOWN, BOTH] = [[1, 1] as const, [2, 1] as const, [1, 2] as const, [2, 2] as const]
const SAMPLINGS: Record<string, JoinedJpeg['sampling']> = {
  '4:4:4': [SAME, SAME, SAME],
  '4:2:2': [ACROSS, SAME, SAME],
  '4:4:0': [DOWN, SAME, SAME],
  '4:2:0': [BOTH, SAME, SAME],
  '4:1:1': [[4, 1], SAME, SAME],
  '4:1:0': [[4, 2], SAME, SAME],
  'chroma of two kinds': [BOTH, ACROSS, DOWN],
}

async function expectSame(jpeg: Uint8Array, name: string): Promise<void> {
  const { data, info } = await sharp(jpeg).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const shape = { width: info.width, height: info.height, channels: 3 } as const
  const { samples } = await decodeImage(jpeg, 'image/jpeg', shape, limits)
  expect(Buffer.compare(samples, data), name).toBe(0)
}

for (const [name, sampling] of Object.entries(SAMPLINGS)) {
  test(`a JPEG of ${name} decodes to sharp's samples exactly, at any quality and size`, async () => {
    for (const quality of [5, 50, 75, 92, 100]) {
      for (const [width, height] of SIZES) {
        const jpeg = await joinedJpeg({ width, height, sampling, quality })
        await expectSame(jpeg, `${width} x ${height}, quality ${quality}`)
      }
    }
  })
}

/** Nothing is harder on the clamps: each sample is black or white at random. */
function blackOrWhite(width: number, height: number): Picture {
  const made = picture(width, height, 3)
  let random = 3
  made.data.forEach((_, i) => {
    random = (random * 1103515245 + 12345) & 0x7fffffff
    made.data[i] = (random >> 16) & 1 ? 255 : 0
  })
  return made
}

test("a JPEG of noise decodes to sharp's samples exactly, baseline and progressive, at qualities 1 to 100", async () => {
  for (const quality of [1, 10, 30, 50, 70, 85, 92, 95, 98, 100]) {
    for (const options of [{}, { chromaSubsampling: '4:4:4' }, { progressive: true }]) {
      const jpeg = await sharpOf(blackOrWhite(67, 41))
        .jpeg({ quality, ...options })
        .toBuffer()
      await expectSame(new Uint8Array(jpeg), `quality ${quality}, ${JSON.stringify(options)}`)
    }
  }
})

test('inks of CMYK and YCCK are those that sharp reads, exactly, before their conversion to sRGB', async () => {
  const [width, height] = [67, 41]
  for (const sampling of [
    [SAME, SAME, SAME, SAME],
    [BOTH, SAME, SAME, BOTH],
  ]) {
    for (const adobeTransform of [0, 2]) {
      const jpeg = await joinedJpeg({ width, height, sampling, quality: 95, adobeTransform })
      const image = sharp(jpeg).pipelineColourspace('cmyk').toColourspace('cmyk')
      const inks = (await image.raw().toBuffer()).map((ink) => 255 - ink) // libvips counts ink, JPEG paper
      const markers = new JpegMarkers(jpeg, limits)
      const { planes } = decodePlanes(markers, 8, () => 0, new WorkBudget())
      const row = new Uint8Array(4 * width)
      for (let y = 0; y < height; y++) {
        componentRow(markers.frame, planes, y, row)
        if (adobeTransform === 2) transformRow(row, 4)
        expect(Buffer.compare(row, inks.subarray(4 * width * y, 4 * width * (y + 1))), `row ${y}`).toBe(0)
      }
    }
  }
})

const ONES = new Uint16Array(64).fill(1)

/** The definition (T.81, A.3.3), of a block in zigzag order. */
function exactSamples(block: Int32Array): number[] {
  const basis = (x: number, u: number) =>
    (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16)
  return Array.from({ length: 64 }, (_, i) => {
    let sum = 128
    block.forEach((value, k) => {
      sum += value * basis(i & 7, ZIGZAG[k] & 7) * basis(i >> 3, ZIGZAG[k] >> 3)
    })
    return Math.max(0, Math.min(255, sum))
  })
}

/** The error that IEEE 1180 allows. */
test('no sample of the inverse DCT is a level from the exact one, however many coefficients a block has', () => {
  let random = 11
  const next = (range: number): number => {
    random = (random * 1103515245 + 12345) & 0x7fffffff
    return (random >> 8) % range
  }
  for (let count = 0; count <= 64; count++) {
    for (let round = 0; round < 8; round++) {
      const block = new Int32Array(64)
      for (let i = 0; i < count; i++) block[next(64)] = next(601) - 300
      const samples = new Uint8Array(64)
      writeSamples(block, 0, 63, ONES, samples, 0, 8)
      const off = exactSamples(block).map((sample, i) => Math.abs(sample - (samples[i] ?? 0)))
      expect(Math.max(...off)).toBeLessThan(1)
    }
  }
})

// biome-ignore format: as a table
const GOLDEN = [
  129, 95, 111, 137, 112, 132, 11, 89,
  117, 149, 135, 55, 212, 155, 144, 90,
  81, 70, 130, 192, 164, 165, 125, 5,
  68, 14, 94, 85, 175, 0, 195, 118,
  145, 142, 58, 0, 183, 78, 64, 108,
  159, 145, 138, 141, 106, 150, 153, 153,
  43, 143, 140, 155, 192, 81, 62, 98,
  100, 205, 211, 69, 136, 143, 116, 122,
]

test('the inverse DCT makes of a block with all its coefficients what jidctint.c of libjpeg-turbo 3 made of it', () => {
  const block = Int32Array.from({ length: 64 }, (_, k) => ((k * 37) % 61) - 30)
  const samples = new Uint8Array(64)
  writeSamples(block, 0, 63, new Uint16Array(64).fill(3), samples, 0, 8)
  expect([...samples]).toEqual(GOLDEN)
})
