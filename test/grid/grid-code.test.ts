import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import type { Model } from '../../shared/codec/model.ts'
import {
  compressGrid,
  decompressGrid,
  drawablePart,
  openGrid,
  type PreviewReader,
  packBeforePlanes,
} from '../../shared/grid/grid-code.ts'
import { packGridContainer, unpackGridContainer } from '../../shared/grid/grid-container.ts'
import type { LoadedGridModel } from '../../shared/grid/grid-model.ts'
import type { Picture } from '../../shared/grid/pictures.ts'
import { BitEncoder } from '../../shared/grid/planes/bit-coder.ts'
import { compressPreview, previewReader } from '../../shared/grid/preview-codes.ts'
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import vectors from '../vectors/long-codes.json' with { type: 'json' }
import { scene } from './grid-pictures.ts'

const MODELS = join(import.meta.dirname, '..', '..', 'models')
let grid: LoadedGridModel
let previewModel: Model
let read: PreviewReader

beforeAll(async () => {
  grid = await loadGridDirectory(join(MODELS, 'grid'))
  previewModel = await loadModelDirectory(join(MODELS, 'preview'))
  read = previewReader({ byId: (id) => (id === previewModel.manifest.id ? previewModel : undefined) })
})

const smallOf = (picture: Picture) =>
  areaAverage(picture.samples, { ...picture, channels: 3 }, previewModel.manifest.input)

function compress(picture: Picture, bounds: { maxBytes?: number; targetPsnrDb?: number }) {
  const preview = compressPreview(previewModel, smallOf(picture), picture).code
  return compressGrid(grid, read, { ...bounds, original: picture, picture, scale: 0, previewCode: preview })
}

test('a code uses its bytes and no more, and more bytes never make a worse picture', () => {
  const picture = scene(250, 167)
  let last = Number.POSITIVE_INFINITY
  for (const maxBytes of [40, 64, 127, 128, 300, 1000, 3000]) {
    const made = compress(picture, { maxBytes })
    expect(made.code.length).toBe(maxBytes)
    expect(made.mse).toBeLessThan(last * 1.01)
    last = made.mse
  }
})

test.each(vectors)('golden codes and their beginnings: the same bytes and pixels, to the bit', (golden) => {
  const { code } = compress(scene(golden.width, golden.height), { maxBytes: golden.code.length / 2 })
  expect(Buffer.from(code).toString('hex')).toBe(golden.code)
  for (const { bytes, pixelsSha256 } of golden.drawn) {
    const { samples } = decompressGrid(grid, read, code.subarray(0, bytes)).decoded.picture
    expect(createHash('sha256').update(samples).digest('hex')).toBe(pixelsSha256)
  }
})

test('decompress draws what compress measured, and knows the original size', () => {
  const picture = scene(250, 167)
  const { code, decoded } = compress(picture, { maxBytes: 500 })
  const back = decompressGrid(grid, read, code)
  expect(back.decoded.picture).toEqual(decoded.picture)
  expect(back).toMatchObject({ width: 250, height: 167, bytes: 500, totalBytes: 500 })
})

test.each([
  [250, 167],
  [40, 33],
])('of a code with all planes too, which compress does not decode: %i x %i', (width, height) => {
  const { code, decoded } = compress(scene(width, height), { maxBytes: 1e6 })
  const { decoded: back } = decompressGrid(grid, read, code)
  const { latent, ...rest } = back
  expect(decoded).toMatchObject(rest)
  expect(decoded.whole).toBe(true)
  expect(decoded.latent()).toEqual(latent())
})

test('the beginning of a code draws as well as a code of that length', () => {
  const picture = scene(250, 167)
  const long = compress(picture, { maxBytes: 4000 }).code
  for (const bytes of [50, 90, 200, 500, 1200]) {
    const beginning = decompressGrid(grid, read, long.subarray(0, bytes)).decoded.picture.samples
    const own = compress(picture, { maxBytes: bytes })
    expect(10 * Math.log10(mse(beginning, picture.samples) / own.mse)).toBeLessThan(0.3)
  }
})

test('more bytes make a large picture at most 0.1 dB worse while fewer and fewer of its rows are restored', () => {
  const picture = scene(512, 416)
  const { code } = compress(picture, { maxBytes: 20_000 })
  let bestDb = 0
  for (let bytes = 500; bytes < code.length; bytes = Math.ceil(bytes * 1.08)) {
    const { samples } = decompressGrid(grid, read, code.subarray(0, bytes)).decoded.picture
    const reachedDb = psnrDb(mse(samples, picture.samples))
    expect(bestDb - reachedDb).toBeLessThan(0.1)
    bestDb = Math.max(bestDb, reachedDb)
  }
})

test('a cut within the first 24 bytes is refused, a later one is the preview, and from byte 31 on a whole picture', () => {
  const picture = scene(64, 48)
  const { code } = compress(picture, { maxBytes: 150 })
  const preview = compressPreview(previewModel, smallOf(picture), picture).code
  const kinds = Array.from({ length: code.length }, (_, bytes) => {
    try {
      const part = drawablePart(code.subarray(0, bytes))
      if (part.length < bytes) return Buffer.from(part).equals(preview) ? 'preview' : 'another'
      const { samples } = decompressGrid(grid, read, part).decoded.picture
      return samples.length === picture.samples.length ? 'picture' : 'another'
    } catch (error) {
      expect(error).toBeInstanceOf(CodecError)
      return 'refused'
    }
  })
  expect(kinds.indexOf('preview')).toBe(24)
  expect(kinds.indexOf('picture')).toBeLessThan(31)
  expect(kinds.lastIndexOf('refused')).toBe(23)
  expect(kinds.lastIndexOf('preview')).toBe(kinds.indexOf('picture') - 1)
  expect(kinds).not.toContain('another')
})

test('a code whose planes tell nothing draws its preview at the original size', () => {
  const picture = scene(250, 167)
  const previewCode = compressPreview(previewModel, smallOf(picture), picture).code
  const coder = new BitEncoder()
  packBeforePlanes(coder, grid.number, 0, picture)
  const code = packGridContainer(previewCode, coder.finish(), 500)
  const { decoded } = decompressGrid(grid, read, code)
  expect(decoded.levelsReached).toBe(0)
  expect(decoded.picture.samples).toEqual(read(previewCode)(250, 167))
})

test('a code may begin with the preview of a model that is not numbered', async () => {
  const photo = await loadModelDirectory(join(MODELS, 'photo'))
  const picture = scene(120, 80)
  const small = areaAverage(picture.samples, { ...picture, channels: 3 }, photo.manifest.input)
  const previewCode = compressPreview(photo, small, picture).code
  const reader = previewReader({ byId: () => photo })
  const request = { original: picture, picture, scale: 0, previewCode, maxBytes: 200 }
  const { code, decoded } = compressGrid(grid, reader, request)
  expect(openGrid(code).previewCode).toEqual(previewCode)
  expect(decompressGrid(grid, reader, code).decoded.picture).toEqual(decoded.picture)
})

test.each([300, 16_127, 16_128, 40_000])('a code of %i bytes says so', (maxBytes) => {
  const stream = new Uint8Array(maxBytes).fill(1)
  const previewCode = compressPreview(previewModel, smallOf(scene(64, 48)), { width: 64, height: 48 }).code
  const code = packGridContainer(previewCode, stream, maxBytes)
  expect(code.length).toBe(maxBytes)
  const back = unpackGridContainer(code)
  expect(back).toMatchObject({ totalBytes: maxBytes, isWhole: true, previewCode })
  expect(back.stream).toEqual(stream.subarray(0, back.stream.length))
  expect(unpackGridContainer(code.subarray(0, 60))).toMatchObject({ totalBytes: maxBytes, isWhole: false })
})

test('a single altered byte of a whole code is a CodecError', () => {
  const { code } = compress(scene(64, 48), { maxBytes: 120 })
  for (let at = 0; at < code.length; at++)
    for (const change of [1, 0x80, 0xff]) {
      const altered = code.slice()
      altered[at] ^= change
      expect(() => decompressGrid(grid, read, altered)).toThrow(CodecError)
    }
})

test('targetPsnrDb is reached with few bytes', () => {
  const picture = scene(160, 120)
  const made = compress(picture, { targetPsnrDb: 24 })
  expect(made.psnrDb).toBeGreaterThanOrEqual(24)
  const shorter = compress(picture, { maxBytes: Math.floor(0.95 * made.code.length) })
  expect(shorter.psnrDb).toBeLessThan(24.1)
})

describe('sizes', () => {
  test.each([
    [1, 1],
    [16, 16],
    [17, 3],
    [5, 300],
    [129, 129],
    [520, 40],
  ])('%i x %i', (width, height) => {
    const picture = scene(width, height)
    const { code } = compress(picture, { maxBytes: 200 })
    const { decoded, ...size } = decompressGrid(grid, read, code)
    expect(size).toMatchObject({ width, height })
    expect(decoded.picture.samples.length).toBe(picture.samples.length)
  })
})

test.each([
  ['restored', { step: 112, lowest: false, turned: true, restored: true }],
  ['not restored', { step: 40, lowest: false, turned: true, restored: false }],
  ['not turned', { step: 40, lowest: false, turned: false, restored: false }],
  ['of the lowest level', { step: 112, lowest: true, turned: false, restored: true }],
])('tiles of any size give the same latents and pixels, to the bit: %s', (_, how) => {
  const { decoder, encoder } = grid
  const shape = { blocksWide: 13, blocksHigh: 9 }
  const { samples } = scene(13 * 16, 9 * 16)
  const known = scene(13 * 4, 9 * 4).samples
  const results = [5, 7, 32].map((window) => {
    const latents = encoder!.encode(shape, samples, known, how, window)
    return { latents, pixels: decoder.decode(shape, known, latents, { ...how, knownStep: 56 }, window) }
  })
  expect(results[0].latents).toEqual(results[2].latents)
  expect(results[1].latents).toEqual(results[2].latents)
  expect(results[0].pixels).toEqual(results[2].pixels)
  expect(results[1].pixels).toEqual(results[2].pixels)
})
