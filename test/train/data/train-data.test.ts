import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test, vi } from 'vitest'
import { epochBatches } from '../../../train/batches.ts'
import { augmentImage } from '../../../train/data/augment.ts'
import { folderData } from '../../../train/data/folder.ts'
import { splitForValidation } from '../../../train/data/images.ts'
import { memorySource } from '../../../train/data/memory-source.ts'
import { mnist } from '../../../train/data/mnist.ts'
import { corrupt } from '../../../train/objectives/corruption.ts'
import { presets } from '../../../train/presets.ts'
import { Random } from '../../../train/random.ts'
import type { DataSettings, RunSettings } from '../../../train/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'latent64-folder-'))
afterAll(() => rmSync(folder, { recursive: true }))

const batchesOf = (batch: number): RunSettings => ({
  ...presets.photo,
  optimization: { ...presets.photo.optimization, batch },
})

/** Flat colours of level 10 i in several formats and sizes, also in a folder below, and two files that are not images. */
async function makeFolder(): Promise<void> {
  mkdirSync(join(folder, 'below'))
  const formats = ['png', 'jpeg', 'webp', 'gif'] as const
  for (let i = 0; i < 20; i++) {
    const [width, height] = [5 + 13 * i, 90 - 4 * i]
    const background = { r: 10 * i, g: 10 * i, b: 10 * i }
    const image = sharp({ create: { width, height, channels: 3, background } })
    const file = join(folder, i % 2 ? 'below' : '', `${i}.${formats[i % 4]}`)
    writeFileSync(file, await image.toFormat(formats[i % 4]).toBuffer())
  }
  writeFileSync(join(folder, 'empty.png'), '')
  writeFileSync(join(folder, 'below', 'text.jpg'), 'no image at all')
}

test('a folder of any sizes and formats is read; what is unreadable is named and skipped', async () => {
  await makeFolder()
  const said: string[] = []
  const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line))
  const size = { height: 8, width: 12, channels: 1 as const }
  const settings: DataSettings = { ...presets.photo.data, source: folder, size }
  const { training, validation, sample } = await folderData(settings, 1)
  spy.mockRestore()
  expect(said.filter((line) => line.startsWith('skipped')).join()).toMatch(/text\.jpg.*empty\.png/)
  expect([training.count, validation.count, sample.count]).toEqual([16, 4, 16])

  const batches = []
  for await (const { clean } of epochBatches(training, batchesOf(8), 0, 0)) batches.push(clean)
  const levels = batches.flatMap((batch) =>
    Array.from({ length: 8 }, (_, i) => Math.round(batch[i * 96] * 25.5)),
  )
  const held = Array.from({ length: 4 }, (_, i) => Math.round(validation.samples[i * 96] / 10))
  expect([...levels, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  training.close()
})

test('batches depend on seed, epoch and step only, also when read by workers and from the middle', async () => {
  const size = { height: 8, width: 8, channels: 3 as const }
  const read = async (from: number) => {
    const { training } = await folderData({ ...presets.photo.data, source: folder, size }, 1)
    const batches = []
    for await (const { clean } of epochBatches(training, { ...batchesOf(4), seed: 7 }, 3, from))
      batches.push(clean)
    training.close()
    return batches
  }
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const all = await read(0)
  expect(all.length).toBe(4)
  expect(await read(2)).toEqual(all.slice(2))
  vi.restoreAllMocks()
})

test('no validation digit is a training digit, and the same seed gives the same digits', () => {
  const set = mnist('train')
  expect([set.count, set.shape]).toEqual([60000, { height: 28, width: 28, channels: 1 }])
  const [rest, held] = splitForValidation(set, 5000, 1)
  expect([rest.count, held.count]).toEqual([55000, 5000])
  const images = ({ samples, count }: typeof set) =>
    Array.from({ length: count }, (_, i) =>
      Buffer.from(samples.subarray(i * 784, (i + 1) * 784)).toString('base64'),
    )
  const training = new Set(images(rest))
  expect(images(held).filter((image) => training.has(image))).toEqual([])
  expect(Buffer.compare(splitForValidation(set, 5000, 1)[1].samples, held.samples)).toBe(0)
})

test('a shift moves the image and fills with black, or mirrors it; a flip mirrors it', () => {
  const shape = { height: 1, width: 4, channels: 1 as const }
  const outcomes = (shift: number, edge: 'black' | 'mirror', flip: boolean) => {
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      const into = new Uint8Array(4)
      augmentImage({ shift, edge, flip }, shape, new Random(i), Uint8Array.of(1, 2, 3, 4), 0, into, 0)
      seen.add(into.join(''))
    }
    return [...seen].sort()
  }
  expect(outcomes(0, 'black', true)).toEqual(['1234', '4321'])
  expect(outcomes(1, 'mirror', false)).toEqual(['1123', '1234', '2344'])
  expect(outcomes(1, 'black', false)).toContain('0000')
})

test('each corruption hits the share it is given', () => {
  const hit = (kind: 'masking' | 'salt-and-pepper', amount: number) => {
    const samples = new Float32Array(10_000).fill(0.5)
    corrupt({ kind, amount }, samples, new Random(1))
    return [samples.filter((s) => s === 0).length, samples.filter((s) => s === 1).length]
  }
  const [masked, white] = hit('masking', 0.4)
  expect(masked! / 10_000).toBeCloseTo(0.4, 1)
  expect(white).toBe(0)
  const [pepper, salt] = hit('salt-and-pepper', 0.4)
  expect(pepper! / 10_000).toBeCloseTo(0.2, 1)
  expect(salt! / 10_000).toBeCloseTo(0.2, 1)
})

test('a batch larger than the data is refused', () => {
  const set = { shape: { height: 1, width: 1, channels: 1 as const }, count: 3, samples: new Uint8Array(3) }
  const source = memorySource('three', set, { shift: 0, edge: 'black', flip: false })
  return expect(epochBatches(source, batchesOf(4), 0, 0).next()).rejects.toThrow(
    'a batch of 4 needs as many images',
  )
})
