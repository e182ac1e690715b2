import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blurHashBytes } from '../evaluate/baselines/hashes.ts'
import { BASELINES } from '../evaluate/baselines/list.ts'
import { measureBaselines } from '../evaluate/baselines/measure-baselines.ts'
import { bdRate, bytesAtPsnr, psnrAtBytes } from '../evaluate/curves/bd-rate.ts'
import { plotRateDistortion } from '../evaluate/curves/plot-rate-distortion.ts'
import { evenly, imageOf, openTestSet } from '../evaluate/data-set.ts'
import { lumaChromaMse, summarize, summarizeAll } from '../evaluate/image-record.ts'
import { levelsOf, measureModel } from '../evaluate/measure-model.ts'
import { areaUnderRoc, shareAbove, thresholdAt } from '../evaluate/out-of-distribution/roc.ts'
import { jsonSchema, resultFiles } from '../evaluate/plots.ts'
import { type RateDistortion, ResultSchema } from '../evaluate/results-schema.ts'
import { loadModelDirectory } from '../node/load-model.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { compress } from '../shared/codec/codec.ts'
import type { Model } from '../shared/codec/model.ts'
import { mse, psnrDb } from '../shared/images/metrics.ts'
import { familiesPage } from '../train/families/families-page.ts'

const ROOT = join(import.meta.dirname, '..')
const MODEL = join(TEST_MODELS, 'mnist')
const folder = mkdtempSync(join(tmpdir(), 'latent64-evaluate-'))
let model: Model
beforeAll(async () => {
  model = await loadModelDirectory(MODEL)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const curve = (bytes: number[], psnrs: number[]) => bytes.map((b, i) => ({ bytes: b, psnrDb: psnrs[i] }))

describe('BD-rate', () => {
  // Expected values: PyPI bjontegaard 1.3.0, method 'pchip', require_matching_points=False, min_overlap=0.
  test('agrees with the reference implementation on video rates', () => {
    const anchor = curve([9487.76, 4593.6, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851])
    const tested = curve([9787.8, 4469.0, 2451.52, 1356.24], [40.121, 38.651, 36.97, 34.987])
    expect(bdRate(anchor, tested)!.percent).toBeCloseTo(-4.417485350589045, 6)
  })
  test('agrees with the reference if curves overlap in part and differ in the number of points', () => {
    const anchor = curve([20, 35, 64, 111], [19.75, 21.5, 23.4, 26.7])
    const tested = curve([8, 12, 19, 30, 41], [18, 19.9, 22.7, 25.1, 26.2])
    const { percent, fromDb, toDb } = bdRate(anchor, tested)!
    expect(percent).toBeCloseTo(-60.838336942852735, 6)
    expect([fromDb, toDb]).toEqual([19.75, 26.2])
  })
  test('half the bytes at every PSNR is -50 %, whatever the curve', () => {
    const risingCurve = fc
      .array(fc.record({ bytes: fc.integer({ min: 1, max: 500 }), db: fc.integer({ min: 1, max: 400 }) }), {
        minLength: 2,
        maxLength: 8,
      })
      .map((steps) => {
        let point = { bytes: 1, psnrDb: 10 }
        return steps.map(({ bytes, db }) => {
          point = { bytes: point.bytes + bytes, psnrDb: point.psnrDb + db / 100 }
          return point
        })
      })
    fc.assert(
      fc.property(risingCurve, (points) => {
        const halved = points.map((point) => ({ ...point, bytes: point.bytes / 2 }))
        expect(bdRate(points, halved)!.percent).toBeCloseTo(-50, 6)
        expect(bytesAtPsnr(points, points[1].psnrDb)).toBeCloseTo(points[1].bytes, 6)
        expect(psnrAtBytes(points, points[1].bytes)).toBeCloseTo(points[1].psnrDb, 6)
      }),
    )
  })
  test('curves without a common PSNR, and single points, have none', () => {
    expect(bdRate(curve([10, 20], [18, 20]), curve([10, 20], [21, 23]))).toBeUndefined()
    expect(bdRate(curve([24], [19]), curve([10, 40], [18, 23]))).toBeUndefined()
  })
  test('a point that another beats in bytes and PSNR does not bend the curve', () => {
    const points = curve([10, 20, 40], [18, 20, 22])
    expect(bdRate(points, [...points, { bytes: 30, psnrDb: 19 }])!.percent).toBeCloseTo(0, 9)
  })
})

describe('baselines', () => {
  test('on digits: PNG is lossless, rates rise with quality, ThumbHash stays under 26 bytes', async () => {
    const set = await openTestSet('mnist', { height: 28, width: 28, channels: 1 })
    const indices = evenly(set.names.length, 6)
    const points = summarizeAll(await measureBaselines(set, indices, 2))
    const at = (codec: string, setting: string) =>
      points.find((each) => each.codec === codec && each.setting === setting)!
    expect(at('PNG', 'lossless').mse).toBe(0)
    for (const codec of ['JPEG', 'WebP', 'AVIF', 'JPEG XL', 'BlurHash']) {
      const own = points.filter((point) => point.codec === codec)
      expect(own.length).toBeGreaterThanOrEqual(5)
      expect(own.map(({ bytes }) => bytes.total)).toEqual(
        own.map(({ bytes }) => bytes.total).toSorted((a, b) => a - b),
      )
      expect(own.at(-1)!.psnrDb).toBeGreaterThan(own[0].psnrDb)
    }
    expect(at('WebP', 'q75').psnrDb).toBeGreaterThan(30)
    expect(at('ThumbHash', '-').bytes.total).toBeLessThan(26)
    expect(new Set(points.map(({ codec }) => codec))).toEqual(new Set(BASELINES.map(({ codec }) => codec)))
  }, 120_000)
  test('a BlurHash of 4x3 components has 28 characters, 22.3 bytes', () => {
    expect(blurHashBytes('LEHV6nWB2yk8pyo0adR*.7kCMdnj')).toBeCloseTo(22.31, 2)
  })
})

describe('a model’s curve', () => {
  test('its bytes and its PSNR are those of the codec, image by image', async () => {
    const set = await openTestSet('mnist', model.manifest.input)
    const few = { ...set, names: set.names.slice(0, 5) }
    const records = [...measureModel(model, few, levelsOf(model))].map((record) => record!)
    expect(records).toHaveLength(5 * model.manifest.levels.length)
    for (const { bytes, bitsPerPixel } of records) {
      expect(bytes.total).toBe(bytes.header! + bytes.payload!)
      expect(bitsPerPixel).toBeCloseTo((8 * bytes.total) / 784, 9)
    }
    const point = summarize(records.slice(0, 5))
    expect(point.psnrDb).toBe(psnrDb(records.slice(0, 5).reduce((sum, record) => sum + record.mse, 0) / 5))
  })
  test('codes with a limit never exceed it, and images that cannot keep it are left out', async () => {
    const set = await openTestSet('mnist', model.manifest.input)
    const few = { ...set, names: set.names.slice(0, 50) }
    for (const record of measureModel(model, few, [{ setting: 'maxBytes 9', options: { maxBytes: 9 } }]))
      expect(record?.bytes.total ?? 0).toBeLessThanOrEqual(9)
    const none = [...measureModel(model, few, [{ setting: 'maxBytes 2', options: { maxBytes: 2 } }])]
    expect(none.every((record) => record === undefined)).toBe(true)
  })
  test('luma and chroma errors: a grey error is all luma, and both together hold the whole', () => {
    const a = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 200)
    const brighter = a.map((sample) => sample + 10)
    const { lumaMse, chromaMse } = lumaChromaMse(a, brighter)
    expect(lumaMse).toBeCloseTo(mse(a, brighter), 12)
    expect(chromaMse).toBeCloseTo(0, 12)
    const redder = a.map((sample, i) => (i % 3 === 0 ? sample + 10 : sample))
    expect(lumaChromaMse(a, redder).lumaMse).toBeCloseTo((0.299 * 10) ** 2 / 255 ** 2, 12)
    expect(lumaChromaMse(a, redder).chromaMse).toBeCloseTo(
      (((0.299 / 1.772) ** 2 + 0.5 ** 2) * 50) / 255 ** 2,
      6,
    )
  })
})

test('evaluate writes a summary that keeps the schema, and a line for each image and rate', () => {
  const lines = join(folder, 'lines.jsonl')
  const words = [
    'evaluate',
    '--model',
    MODEL,
    '--no-baselines',
    '--limit',
    '40',
    '--max-bytes',
    '12',
    '--out',
    folder,
    '--lines',
    lines,
  ]
  execFileSync(process.execPath, [join(ROOT, 'cli', 'latent64.ts'), ...words], { cwd: ROOT })
  const result = v.parse(ResultSchema, JSON.parse(readFileSync(join(folder, 'rd-mnist-mnist.json'), 'utf8')))
  if (result.kind !== 'rate-distortion') throw new Error('expected a rate-distortion result')
  expect(result.points.map(({ setting }) => setting)).toContain('maxBytes 12')
  expect(result.data.images).toBe(40)
  const records = readFileSync(lines, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const level0 = records.filter(({ setting }) => setting === 'level 0')
  expect(level0).toHaveLength(40)
  const mean = level0.reduce((sum, { bytes }) => sum + bytes.total, 0) / 40
  expect(result.points[0].bytes.total).toBeCloseTo(mean, 3)
})

test('a folder of images is a test set, each image’s own size counted in its code', async () => {
  const { encodePng } = await import('../shared/images/png/encode-png.ts')
  const digits = await openTestSet('mnist', model.manifest.input)
  writeFileSync(join(folder, 'a.png'), encodePng(imageOf(digits, 0), model.manifest.input))
  writeFileSync(
    join(folder, 'b.png'),
    encodePng(new Uint8Array(60 * 40).fill(99), { height: 40, width: 60, channels: 1 }),
  )
  const set = await openTestSet(folder, model.manifest.input)
  expect(set.names).toEqual(['a.png', 'b.png'])
  expect(imageOf(set, 0)).toEqual(imageOf(digits, 0))
  const bytes = [...measureModel(model, set, [levelsOf(model)[0]])].map((record) => record!.bytes.total)
  const code = (image: number, size: object) =>
    compress(model, imageOf(set, image), { level: 0, ...size }).code
  expect(bytes).toEqual([code(0, {}).length, code(1, { width: 60, height: 40 }).length])
  expect(code(1, { width: 60, height: 40 })).not.toEqual(code(1, {}))
})

describe('ROC', () => {
  test('the threshold lets exactly the requested share of known images through', () => {
    const known = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000)
    expect(shareAbove(known, thresholdAt(known, 0.01))).toBe(0.01)
  })
  test('the area is the share of pairs in order, ties counting half', () => {
    const small = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(small, small, (known, unknown) => {
        const pairs = known.flatMap((k) => unknown.map((u) => (u > k ? 1 : u === k ? 0.5 : 0)))
        expect(areaUnderRoc(known, unknown)).toBeCloseTo(
          pairs.reduce<number>((a, b) => a + b, 0) / pairs.length,
          9,
        )
      }),
    )
  })
})

describe('results/', () => {
  test.for(resultFiles())('%s keeps the schema', (file) => {
    v.parse(ResultSchema, JSON.parse(readFileSync(join(ROOT, 'results', file), 'utf8')))
  })
  test('schema.json is that of the code', () => {
    expect(readFileSync(join(ROOT, 'results', 'schema.json'), 'utf8')).toBe(jsonSchema())
  })
  test('docs/families.md is what its results say', () => {
    const results = JSON.parse(readFileSync(join(ROOT, 'results', 'families.json'), 'utf8'))
    expect(readFileSync(join(ROOT, 'docs', 'families.md'), 'utf8')).toBe(familiesPage(results))
  })
  test('a plot is an SVG that names its codecs', async () => {
    const point = { images: 1, bitsPerPixel: 1, mse: 0.01, ssim: 0.5 }
    const result: RateDistortion = {
      format: 1,
      kind: 'rate-distortion',
      data: { name: 'none', images: 1, shape: { height: 28, width: 28, channels: 1 }, digest: '' },
      software: {},
      points: [
        { ...point, codec: 'Latent64', setting: 'level 0', bytes: { total: 10 }, psnrDb: 20 },
        { ...point, codec: 'WebP', setting: 'q1', bytes: { total: 100 }, psnrDb: 25 },
      ],
    }
    const svg = await plotRateDistortion(result, 'psnrDb')
    expect(svg).toMatch(/^<svg.*Latent64.*WebP.*<\/svg>\n$/s)
  })
})
