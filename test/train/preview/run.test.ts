/** `npm run train` with the decoder and the error of previews, on a few photographs: crops, a run, codes of what came out. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../../node/load-model.ts'
import { compress, decompress } from '../../../shared/codec/codec.ts'
import { mse } from '../../../shared/images/metrics.ts'
import { cropsOf } from '../../../train/data/crops.ts'
import { openData } from '../../../train/data/open.ts'
import { presets } from '../../../train/presets.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const SHAPE = { height: 32, width: 32, channels: 3 } as const
const BYTES = 32 * 32 * 3
const folder = mkdtempSync(join(tmpdir(), 'latent64-preview-'))
const photos = join(folder, 'photos')
const gallery = join(ROOT, 'edge', 'page', 'front', 'gallery', 'photos')

beforeAll(async () => {
  mkdirSync(photos)
  for (const name of ['kodim02', 'kodim05', 'kodim19'])
    await sharp(join(gallery, `${name}.webp`))
      .resize(160, 120)
      .jpeg()
      .toFile(join(photos, `${name}.jpg`))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('crops: the whole photograph first, then parts of it, the same ones each time', async () => {
  const { count, samples } = await cropsOf(photos, 12, SHAPE)
  expect(count).toBe(36)
  const image = (i: number) => samples.subarray(i * BYTES, (i + 1) * BYTES)
  const whole = await sharp(join(photos, 'kodim02.jpg'))
    .resize(32, 32, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  expect(mse(image(0), new Uint8Array(whole))).toBeLessThan(0.002)
  const distinct = new Set(Array.from({ length: count }, (_, i) => image(i).join()))
  expect(distinct.size).toBe(36)
  expect((await cropsOf(photos, 12, SHAPE)).samples).toEqual(samples)
})

test('of joined sources the first images, to which tables are fitted, are some of each', async () => {
  for (const [name, value] of [
    ['black', 0],
    ['white', 255],
  ] as const) {
    mkdirSync(join(folder, name))
    await sharp({
      create: { width: 64, height: 64, channels: 3, background: { r: value, g: value, b: value } },
    })
      .png()
      .toFile(join(folder, name, 'flat.png'))
  }
  const source = `${join(folder, 'black')}+${join(folder, 'white')}`
  const { sample, validation } = await openData({
    data: { ...presets.preview.data, source, crops: 40 },
    seed: 1,
  })
  for (const { samples } of [sample, validation]) {
    const first = Array.from({ length: 10 }, (_, i) => samples[i * BYTES])
    expect(new Set(first)).toEqual(new Set([0, 255]))
  }
})

test('a folder without photographs is refused by its name', async () => {
  mkdirSync(join(folder, 'empty'))
  await expect(cropsOf(join(folder, 'empty'), 2, SHAPE)).rejects.toThrow(/no photographs/)
})

test('--decoder dct --distortion oklab: a run of seconds exports a preview whose codes come back', async () => {
  const out = join(folder, 'model')
  const words = `train --preset preview --data ${photos}+${photos} --crops 60 --validation 60 --epochs 3 --batch 32
    --encoder-widths 32 --latent 16 --decoder dct --distortion oklab --backend wasm --out ${out}`
  execFileSync(process.execPath, [join(ROOT, 'cli', 'latent64.ts'), ...words.split(/\s+/)], {
    cwd: ROOT,
    stdio: 'pipe',
  })
  const model = await loadModelDirectory(out)
  expect(model.manifest).toMatchObject({ isPreview: true, latent: 16, input: SHAPE })
  expect(readFileSync(join(out, 'decoder.bin')).length).toBeLessThan(8000)
  const { samples } = await cropsOf(photos, 2, SHAPE)
  const image = samples.subarray(0, BYTES)
  const { code, mse: measured } = compress(model, image, { maxBytes: 24 })
  expect(code.length).toBeLessThanOrEqual(24)
  const decoded = decompress({ byId: (id) => (id === model.manifest.id ? model : undefined) }, code)
  expect(mse(image, decoded.samples)).toBeCloseTo(measured, 9)
  expect(measured).toBeLessThan(mse(image, new Uint8Array(BYTES).fill(128)))
}, 120_000)
