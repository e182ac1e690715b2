import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadModelDirectory, readModelFiles } from '../../node/load-model.ts'
import { TEST_MODELS } from '../../scripts/test-models.ts'
import { compress, compressBatch, decompress, decompressBatch } from '../../shared/codec/codec.ts'
import { CodecError, UnknownModelError, UnreachableRateError } from '../../shared/codec/errors.ts'
import type { Model } from '../../shared/codec/model.ts'
import { decodeLatent } from '../../shared/codec/transform.ts'
import { mse } from '../../shared/images/metrics.ts'
import { modelId, sampleCount } from '../../shared/manifest.ts'
import { mnist } from '../../train/data/mnist.ts'
import { Random } from '../../train/random.ts'
import { unlessRefused } from './unless-refused.ts'

const digits = mnist('test').samples
const digit = (i: number) => digits.slice(i * 784, (i + 1) * 784)

let model: Model
let photo: Model
beforeAll(async () => {
  model = await loadModelDirectory(join(TEST_MODELS, 'mnist'))
  photo = await loadModelDirectory(join(TEST_MODELS, 'photo'))
}, 120_000)

/** What the error says could be had. */
function refusal(refused: () => unknown): UnreachableRateError['best'] {
  try {
    refused()
  } catch (error) {
    if (error instanceof UnreachableRateError) return error.best
    throw error
  }
  throw new Error('it was not refused')
}

const models = { byId: (id: string) => [model, photo].find((each) => each.manifest.id === id) }

test('a digit comes back as compress said it would', () => {
  for (let i = 0; i < 20; i++) {
    const compressed = compress(model, digit(i))
    const decompressed = decompress(models, compressed.code)
    expect(decompressed.samples).toEqual(compressed.samples)
    expect(decompressed.latent).toEqual(compressed.latent)
    expect(decodeLatent(model, compressed.latent)).toEqual(compressed.samples)
    expect(mse(digit(i), decompressed.samples)).toBe(compressed.mse)
    expect(Math.abs(decompressed.storedPsnrDb - compressed.psnrDb)).toBeLessThanOrEqual(0.25)
    expect([decompressed.width, decompressed.height]).toEqual([28, 28])
  }
})

test('a batch has the same bytes and pixels as one image at a time', () => {
  const images = Array.from({ length: 64 }, (_, i) => digit(i))
  const together = compressBatch(model, images)
  expect(together).toEqual(images.map((image) => compress(model, image)))
  const codes = together.map((each) => each.code)
  expect(decompressBatch(models, codes).map((each) => each.samples)).toEqual(
    together.map((each) => each.samples),
  )
})

test('codes of different models are decompressed together, in order', () => {
  const colour = new Uint8Array(sampleCount(photo.manifest.input)).fill(90)
  const codes = [compress(model, digit(0)).code, compress(photo, colour).code, compress(model, digit(1)).code]
  expect(decompressBatch(models, codes).map((each) => each.model.manifest.name)).toEqual([
    'mnist',
    'photo',
    'mnist',
  ])
})

test('every image can be coded, even white noise, black, and white', () => {
  const random = new Random(3, 3)
  const noise = Uint8Array.from({ length: 784 }, () => random.integer(256))
  for (const image of [noise, new Uint8Array(784), new Uint8Array(784).fill(255)])
    for (let level = 0; level < model.manifest.levels.length; level++) {
      const { code, samples } = compress(model, image, { level })
      expect(decompress(models, code).samples).toEqual(samples)
    }
})

test('finer levels cost more bytes and less error, over a set of images', () => {
  const { levels } = model.manifest
  for (let i = 1; i < levels.length; i++) {
    expect(levels[i].meanBytes).toBeGreaterThan(levels[i - 1].meanBytes)
    expect(levels[i].psnrDb).toBeGreaterThan(levels[i - 1].psnrDb)
  }
})

describe('bounds', () => {
  test('no code is a byte over maxBytes, whatever the image', () => {
    const noise = fc.uint8Array({ minLength: 784, maxLength: 784 })
    const image = fc.oneof(noise, fc.integer({ min: 0, max: 999 }).map(digit))
    let kept = 0
    const bound = fc.integer({ min: 4, max: 120 })
    const property = fc.property(image, bound, (samples, maxBytes) => {
      const compressed = unlessRefused(UnreachableRateError, () => compress(model, samples, { maxBytes }))
      if (compressed === undefined) return
      kept++
      expect(compressed.code.length).toBeLessThanOrEqual(maxBytes)
    })
    fc.assert(property, { numRuns: 100 })
    expect(kept).toBeGreaterThan(20)
  })

  test('a refusal names the smallest possible size', () => {
    for (let i = 90; i < 120; i++) {
      const best = refusal(() => compress(model, digit(i), { maxBytes: 1 }))
      const { smallestBytes } = best as { smallestBytes: number }
      expect(compress(model, digit(i), { maxBytes: smallestBytes }).code).toHaveLength(smallestBytes)
      expect(refusal(() => compress(model, digit(i), { maxBytes: smallestBytes - 1 }))).toEqual(best)
    }
  })

  test('more bytes never give a worse picture than fewer, and a target in dB is reached with the fewest', () => {
    const small = compress(model, digit(5), { maxBytes: 12 })
    const large = compress(model, digit(5), { maxBytes: 60 })
    expect(large.psnrDb).toBeGreaterThan(small.psnrDb)
    const reached = compress(model, digit(5), { targetPsnrDb: small.psnrDb })
    expect(reached.psnrDb).toBeGreaterThanOrEqual(small.psnrDb)
    expect(reached.code.length).toBeLessThanOrEqual(small.code.length)
    expect(() => compress(model, digit(5), { targetPsnrDb: 90 })).toThrow(UnreachableRateError)
  })
})

describe('untrusted codes', () => {
  test('an altered byte, a cut and a foreign model throw CodecError', () => {
    const { code } = compress(model, digit(7))
    for (let i = 0; i < code.length; i++)
      for (const change of [1, 128, 255]) {
        const altered = code.slice()
        altered[i] ^= change
        expect(() => decompress(models, altered)).toThrow(CodecError)
      }
    expect(() => decompress({ byId: () => undefined }, code)).toThrow(UnknownModelError)
  })

  test('under 1 in 256 damaged codes slip through, and those decode without another error', () => {
    const random = new Random(11, 1)
    let slipped = 0
    const runs = 8000
    for (let run = 0; run < runs; run++) {
      const damaged = compress(model, digit(run % 200)).code.slice(
        0,
        run % 3 === 0 ? -1 - (run % 4) : undefined,
      )
      for (let hits = 0; hits < 2 + (run % 3); hits++)
        damaged[random.integer(damaged.length)] ^= 1 + random.integer(255)
      if (unlessRefused(CodecError, () => decompress(models, damaged)) !== undefined) slipped++
    }
    expect(slipped / runs).toBeLessThan(1 / 256)
  })
})

test('the original size travels in the code, and only if it is not the model’s own', () => {
  const { code } = compress(model, digit(0), { width: 640, height: 427 })
  expect(decompress(models, code)).toMatchObject({ width: 640, height: 427 })
  expect(compress(model, digit(0), { width: 28, height: 28 }).code.length).toBe(
    compress(model, digit(0)).code.length,
  )
})

test('a model’s id is the hash of what decoding needs', async () => {
  const files = await readModelFiles(join(TEST_MODELS, 'mnist'))
  expect(modelId(files, files.manifest)).toBe(files.manifest.id)
  const moved = { ...files, tables: files.tables.map((byte) => byte ^ 1) }
  expect(modelId(moved, files.manifest)).not.toBe(files.manifest.id)
})
