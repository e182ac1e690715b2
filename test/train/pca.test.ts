import { beforeAll, expect, test } from 'vitest'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { selectBackend } from '../../train/backends/backend.ts'
import type { ImageSet } from '../../train/data/images.ts'
import { componentsByIteration, principalComponents } from '../../train/networks/pca.ts'
import { purpose, Random } from '../../train/random.ts'

beforeAll(() => selectBackend('wasm'))

/** A cosine across the samples, of length 1: orthogonal to those of other frequencies. */
function wave(frequency: number, pixels: number): Float64Array {
  return Float64Array.from(
    { length: pixels },
    (_, p) => Math.sqrt(2 / pixels) * Math.cos((Math.PI * (p + 0.5) * frequency) / pixels),
  )
}

/** Images that vary along known directions, less along each than along the one before, and a little everywhere. */
function imagesAlong(directions: Float64Array[], shape: ImageShape, count: number): ImageSet {
  const random = new Random(3)
  const pixels = sampleCount(shape)
  const samples = new Uint8Array(count * pixels)
  for (let i = 0; i < count; i++) {
    const amounts = directions.map((_, k) => (600 / (k + 1)) * random.normal())
    for (let p = 0; p < pixels; p++) {
      const value = directions.reduce((sum, d, k) => sum + amounts[k] * d[p], 120) + random.normal()
      samples[i * pixels + p] = Math.min(255, Math.max(0, Math.round(value)))
    }
  }
  return { shape, count, samples }
}

test('the components are the directions along which the images vary, the strongest first', async () => {
  const shape = { height: 16, width: 16, channels: 1 as const }
  const directions = [3, 11, 5, 20].map((frequency) => wave(frequency, 256))
  const { mean, basis } = await principalComponents(imagesAlong(directions, shape, 6000), 4, 1)
  for (const value of mean) expect(Math.abs(value - 120 / 255)).toBeLessThan(0.03)
  directions.forEach((direction, k) => {
    const cosine = direction.reduce((sum, value, p) => sum + value * basis[p * 4 + k], 0)
    expect(Math.abs(cosine)).toBeGreaterThan(0.999)
  })
})

test('they are orthonormal, also with fewer images than components', async () => {
  const shape = { height: 8, width: 8, channels: 3 as const }
  const { basis } = await principalComponents(imagesAlong([wave(1, 192)], shape, 5), 16, 1)
  for (let a = 0; a < 16; a++)
    for (let b = 0; b <= a; b++) {
      let product = 0
      for (let p = 0; p < 192; p++) product += basis[p * 16 + a] * basis[p * 16 + b]
      expect(product).toBeCloseTo(a === b ? 1 : 0, 4)
    }
})

test('images of 27,648 samples work too, as no matrix of samples by samples is made', async () => {
  const shape = { height: 96, width: 96, channels: 3 as const }
  const pixels = sampleCount(shape)
  const directions = [wave(2, pixels), wave(9, pixels)]
  const { basis } = await principalComponents(imagesAlong(directions, shape, 40), 2, 1)
  const cosine = directions[0].reduce((sum, value, p) => sum + value * basis[p * 2], 0)
  expect(Math.abs(cosine)).toBeGreaterThan(0.95) // 40 images' own variation
})

test('fewer images than samples: products of images give the components that iteration gives', async () => {
  const shape = { height: 16, width: 16, channels: 3 as const }
  const set = imagesAlong(
    [3, 11, 5, 20, 7].map((frequency) => wave(frequency, 768)),
    shape,
    60,
  )
  const few = await principalComponents(set, 5, 1)
  const iterated = await componentsByIteration(set, few.mean, 5, new Random(1, purpose.start))
  for (let k = 0; k < 5; k++) {
    let cosine = 0
    for (let p = 0; p < 768; p++) cosine += few.basis[p * 5 + k] * iterated[p * 5 + k]
    expect(Math.abs(cosine)).toBeGreaterThan(0.9999)
  }
})

test('images that are all the same have orthonormal components too', async () => {
  const shape = { height: 8, width: 8, channels: 1 as const }
  const { basis } = await principalComponents({ shape, count: 5, samples: new Uint8Array(320) }, 4, 1)
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 4; b++) {
      let product = 0
      for (let p = 0; p < 64; p++) product += basis[p * 4 + a] * basis[p * 4 + b]
      expect(product).toBeCloseTo(a === b ? 1 : 0, 4)
    }
})
