import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { weightsModule } from '../../scripts/publish-preview.ts'
import { compress, decompress } from '../../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import type { Model } from '../../shared/codec/model.ts'
import { quarterCosine } from '../../shared/preview/draw.ts'
import { readParameters } from '../../shared/preview/parameters.ts'
import { aspectRatio, averageColor, decode, hasAlpha } from '../../shared/preview/preview.ts'
import { shippedPreview } from '../../shared/preview/shipped/shipped.ts'
import { goldenImages } from '../vectors/golden-images.ts'
import older from '../vectors/preview.json' with { type: 'json' }
import vectors from '../vectors/preview-1.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '..', '..')
const MODEL = join(ROOT, 'models', 'preview')
/** SHA-256 of the files in test/vectors: see docs/format.md. */
const FROZEN = [
  ['preview.json', '9944c1444d5af7ca94e5e159f65a072081987ea0c7b7e5452004ce3cf09029a0'],
  ['preview-1.json', '6b4a695fa4b6b347b10da6921ea8320922c04277b27274fb5bc40c912bc9867b'],
] as const
const sha256 = (bytes: Uint8Array | Uint8ClampedArray) => createHash('sha256').update(bytes).digest('hex')

let model: Model
let images: Uint8Array[]
beforeAll(async () => {
  model = await loadModelDirectory(MODEL)
  images = goldenImages(model.manifest.input)
})

describe('the frozen codes', () => {
  test('decode to the same pixels forever', () => {
    for (const { code, width, height, average, rgbaSha256, wide } of [...older, ...vectors]) {
      const picture = decode(code)
      expect(picture).toMatchObject({ width, height })
      expect(sha256(picture.rgba)).toBe(rgbaSha256)
      expect(averageColor(code)).toEqual(average)
      const wider = decode(code, { width: 50 })
      expect(wider).toMatchObject({ width: 50, height: wide.height })
      expect(sha256(wider.rgba)).toBe(wide.rgbaSha256)
    }
  })

  test.each(FROZEN)('are in a file that no later commit may change: %s', (name, hash) => {
    expect(sha256(readFileSync(join(ROOT, 'test', 'vectors', name)))).toBe(hash)
  })

  test('of preview 0 are decoded by its model, too', async () => {
    const older0 = await loadModelDirectory(join(ROOT, 'models', 'preview-0'))
    for (const { code } of older.filter((each) => !hasAlpha(each.code))) {
      const { samples } = decompress({ byId: () => older0 }, fromBase64Url(code))
      const { rgba } = decode(code, { width: 32, height: 32 })
      expect(rgba.filter((_, i) => i % 4 < 3)).toEqual(new Uint8ClampedArray(samples))
    }
  })
})

test('the decoder in pages has the numbers of both models, whose first dimensions are the same', () => {
  const bins = ['preview-0', 'preview'].map((name) => readFileSync(join(ROOT, 'models', name, 'decoder.bin')))
  const module = readFileSync(join(ROOT, 'shared', 'preview', 'shipped', 'weights.ts'), 'utf8')
  expect(module).toBe(weightsModule(bins))
  for (const [number, bin] of bins.entries()) expect(shippedPreview(number)).toEqual(readParameters(bin))
})

test('the codec and the decoder in pages give the same samples', () => {
  for (const image of images) {
    const { code, samples } = compress(model, image, { maxBytes: 24 })
    const { rgba } = decode(code, { width: 32, height: 32 })
    const opaque = Uint8Array.from(
      { length: samples.length },
      (_, i) => rgba[4 * Math.floor(i / 3) + (i % 3)],
    )
    expect(opaque).toEqual(samples)
    expect(decompress({ byId: () => model }, code).samples).toEqual(samples)
  }
})

test('no code is longer than maxBytes, from 8 bytes up', { timeout: 60_000 }, () => {
  for (const image of images.slice(0, 3))
    for (const maxBytes of [8, 9, 12, 21, 24, 34])
      expect(compress(model, image, { maxBytes }).code.length).toBeLessThanOrEqual(maxBytes)
})

test('more bytes give a nearer picture', { timeout: 60_000 }, () => {
  const errorAt = (maxBytes: number) =>
    images.reduce((sum, image) => sum + compress(model, image, { maxBytes }).mse, 0)
  const errors = [8, 14, 20, 28].map(errorAt)
  expect(errors).toEqual(errors.toSorted((a, b) => b - a))
})

test('the aspect is kept: common ratios exactly, others within 3.2 %', { timeout: 60_000 }, () => {
  const ratioOf = (width: number, height: number) =>
    aspectRatio(compress(model, images[1], { width, height }).code)
  expect(ratioOf(4032, 3024)).toBe(4 / 3)
  expect(ratioOf(1080, 1920)).toBe(9 / 16)
  for (const width of [1520, 1540, 1550, 1470, 1020, 1030, 980])
    expect(ratioOf(width, 1000)).toBeGreaterThan(0.9)
  const side = fc.integer({ min: 1, max: 4000 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      fc.pre(Math.max(width, height) / Math.min(width, height) < 15)
      expect(Math.abs(Math.log((ratioOf(width, height) * height) / width))).toBeLessThan(0.032)
    }),
    { numRuns: 200 },
  )
})

test('a picture has the requested size, and one side follows from the other', () => {
  const { code } = compress(model, images[1], { width: 600, height: 400 })
  expect(decode(code)).toMatchObject({ width: 32, height: 21 })
  expect(decode(code, { width: 512 })).toMatchObject({ width: 512, height: 341 })
  expect(decode(code, { height: 10 })).toMatchObject({ width: 15, height: 10 })
  expect(decode(code, { width: 7, height: 9 }).rgba).toHaveLength(4 * 7 * 9)
  expect(() => decode(code, { width: 0 })).toThrow(RangeError)
  expect(() => decode(code, { width: 2 ** 15, height: 2 ** 15 })).toThrow(RangeError)
})

test('the mean colour is near the mean of the picture', () => {
  for (const image of images) {
    const { code } = compress(model, image, { maxBytes: 24 })
    const { rgba } = decode(code, { width: 32, height: 32 })
    const mean = [0, 1, 2].map((c) => rgba.reduce((sum, v, i) => (i % 4 === c ? sum + v : sum), 0) / 1024)
    const { r, g, b, a } = averageColor(code)
    for (const [i, value] of [r, g, b].entries()) expect(Math.abs(value - mean[i])).toBeLessThan(16)
    expect(a).toBe(255)
    expect(hasAlpha(code)).toBe(false)
  }
})

/** A disc, soft at its edge. */
const disc = Uint8Array.from({ length: 1024 }, (_, i) => {
  const away = Math.hypot((i % 32) - 15.5, Math.floor(i / 32) - 15.5)
  return Math.max(0, Math.min(255, 128 + 100 * (11 - away)))
})

test('transparency is kept in at most 6 more bytes, nearer than in a ThumbHash', {
  timeout: 60_000,
}, () => {
  const image = images[1]
  const plain = compress(model, image, { level: 6 }).code
  const { code } = compress(model, image, { level: 6, alpha: disc })
  expect(code.length - plain.length).toBeLessThanOrEqual(6)
  expect(hasAlpha(code)).toBe(true)
  const alphaOf = (rgba: ArrayLike<number>) => Array.from({ length: 1024 }, (_, i) => rgba[4 * i + 3])
  const error = (alpha: number[]) => alpha.reduce((sum, a, i) => sum + (a - disc[i]) ** 2, 0)
  const rgba = Uint8Array.from({ length: 4096 }, (_, i) =>
    i % 4 === 3 ? disc[i >> 2] : image[3 * (i >> 2) + (i % 4)],
  )
  const hash = thumbHashToRGBA(rgbaToThumbHash(32, 32, rgba))
  expect([hash.w, hash.h]).toEqual([32, 32])
  expect(error(alphaOf(decode(code, { width: 32, height: 32 }).rgba))).toBeLessThan(
    error(alphaOf(hash.rgba)) / 2,
  )
  expect(averageColor(code).a).toBeGreaterThan(40)
  for (const maxBytes of [14, 24])
    expect(compress(model, image, { maxBytes, alpha: disc }).code.length).toBeLessThanOrEqual(maxBytes)
})

describe('untrusted codes', () => {
  test('any altered byte is a CodecError', () => {
    const code = fromBase64Url(vectors[3].code)
    for (let at = 0; at < code.length; at++)
      for (const flip of [1, 128, 255]) {
        const damaged = code.slice()
        damaged[at] ^= flip
        expect(() => decode(damaged)).toThrow(CodecError)
      }
  })

  test('arbitrary bytes and texts decode or throw CodecError', () => {
    const decodes = (code: Uint8Array | string) => {
      try {
        decode(code)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), decodes))
    fc.assert(fc.property(fc.string(), decodes))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 40 }), (bytes) => decodes(toBase64Url(bytes))),
    )
  })
})

test('the integer cosine is within 2.5 of 32768 times the true one', () => {
  for (let angle = 0; angle <= 32768; angle += 7)
    expect(Math.abs(quarterCosine(angle) - 32768 * Math.cos((Math.PI * angle) / 65536))).toBeLessThan(2.5)
})
