/** What trains a preview: its decoder's transform, the error for eyes, and the symbols' numbers at export. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { drawPlanes } from '../../../shared/preview/draw.ts'
import { readParameters } from '../../../shared/preview/parameters.ts'
import { selectBackend } from '../../../train/backends/backend.ts'
import { drawings } from '../../../train/export/preview/drawings.ts'
import { leastSquaresEncoder } from '../../../train/export/preview/least-squares-encoder.ts'
import { writeParameters } from '../../../train/export/preview/preview-bytes.ts'
import { templateOf } from '../../../train/export/preview/preview-fit.ts'
import { sharesOf } from '../../../train/export/preview/shares.ts'
import { BANDS, buildDctDecoder, coefficientsOf, dctBasis } from '../../../train/networks/dct.ts'
import { gridOf } from '../../../train/networks/mlp.ts'
import { previewParameters } from '../../../train/networks/model-start.ts'
import { weightByte } from '../../../train/networks/weight-grid.ts'
import { colourMetric, distortionOf } from '../../../train/objectives/distortion.ts'
import { startNetworks } from '../../../train/prepare.ts'
import { presets } from '../../../train/presets.ts'
import { Random } from '../../../train/random.ts'

const SHAPE = { height: 32, width: 32, channels: 3 } as const
const PIXELS = 32 * 32 * 3

beforeAll(() => selectBackend('wasm'))

test('the basis is orthonormal: the decoder can give each coefficient alone', () => {
  const basis = dctBasis(SHAPE, BANDS)
  const row = (i: number) => basis.subarray(i * PIXELS, (i + 1) * PIXELS)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const count = basis.length / PIXELS
  for (let i = 0; i < count; i += 7)
    for (const j of [i, (i + 1) % count, (i * 31 + 5) % count])
      expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 4)
})

test('the decoder in training is the shipped one: float planes and integer planes of the same coefficients agree', () => {
  const random = new Random(5)
  const all = coefficientsOf(BANDS)
  const values = all.map(({ u, v }) => Math.round((800 * random.normal()) / (1 + u + v))) // eighths of a sample
  const decoder = buildDctDecoder(SHAPE, 1)
  decoder
    .getLayer('linear')
    .setWeights([tf.tensor2d([values.map((value) => value / 8 / 255)]), tf.fill([all.length], 0)])
  const grey = tf.fill([PIXELS], 128 / 255)
  const picture = tf.add(decoder.predict(tf.ones([1, 1])) as tf.Tensor2D, grey).dataSync()
  const planes = [0, 1, 2].map((plane) => ({
    band: plane === 0 ? BANDS.luma : BANDS.chroma,
    coefficients: Int32Array.from(values.filter((_, i) => all[i].plane === plane)),
  }))
  planes[0].coefficients[0] += Math.round(8 * 128 * Math.sqrt(3) * 32) // the same grey, as luma
  const rgba = drawPlanes(planes, 32, 32)
  for (let i = 0; i < PIXELS; i++) {
    const trained = Math.max(0, Math.min(255, 255 * picture[i]))
    expect(Math.abs(rgba[4 * Math.floor(i / 3) + (i % 3)] - trained)).toBeLessThan(1.5)
  }
})

const error = (name: 'mse' | 'oklab', chromaWeight: number, a: number[], b: number[]) =>
  distortionOf({ distortion: name, chromaWeight })(tf.tensor2d([a]), tf.tensor2d([b])).dataSync()[0]

test('in OKLab a difference of colour costs more by the weight, one of lightness does not', () => {
  const grey = [0.5, 0.5, 0.5]
  const lighter = [0.55, 0.55, 0.55]
  const redder = [0.6, 0.45, 0.5]
  const ratio = (other: number[]) => error('oklab', 4, other, grey) / error('oklab', 1, other, grey)
  expect(ratio(lighter)).toBeCloseTo(1, 2)
  expect(ratio(redder)).toBeGreaterThan(1.4)
  expect(error('oklab', 4, grey, grey)).toBe(0)
  expect(error('mse', 4, lighter, grey)).toBeCloseTo(0.0025, 6)
})

test('values beyond white cost their distance, and their gradient leads back', () => {
  const distortion = distortionOf({ distortion: 'oklab', chromaWeight: 4 })
  const white = tf.ones([1, 3]) as tf.Tensor2D
  const beyond = tf.tensor2d([[1.2, 1.2, 1.2]])
  expect(distortion(beyond, white).dataSync()[0]).toBeCloseTo(0.03, 4) // three quarters of it
  const slope = tf
    .grad((x) => tf.sum(distortion(x as tf.Tensor2D, white)))(beyond)
    .dataSync()
  for (const each of slope) expect(each).toBeGreaterThan(0)
  const black = tf
    .grad((x) => tf.sum(distortion(x as tf.Tensor2D, white)))(tf.zeros([1, 3]))
    .dataSync()
  for (const each of black) expect(Number.isFinite(each)).toBe(true)
})

test('the metric of a dct start is the distortion of small differences', async () => {
  const settings = { distortion: 'oklab', chromaWeight: 4 } as const
  const pixel = [0.4, 0.5, 0.6]
  const metric = await colourMetric(settings, Float32Array.from(pixel))
  const by = [0.01, -0.005, 0.008]
  const moved = pixel.map((value, c) => value + by[c])
  const expected = metric.flatMap((row, a) => row.map((m, b) => m * by[a] * by[b])).reduce((x, y) => x + y)
  expect(expected / error('oklab', 4, moved, pixel)).toBeCloseTo(1, 1)
})

test('shares sum to 256 and are at least 1; templates rise from a half to nearly all', () => {
  for (const counts of [[1, 0, 0, 1e6], new Array(16).fill(0), [3, 1, 2]]) {
    const shares = sharesOf(counts)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(256)
    expect(Math.min(...shares)).toBeGreaterThan(0)
  }
  for (const laplace of [0, 0.3, 0.6]) {
    const template = templateOf(laplace)
    expect(template[0]).toBe(8192)
    for (let i = 1; i < template.length; i++) expect(template[i]).toBeGreaterThanOrEqual(template[i - 1])
    expect(template.at(-1)).toBeGreaterThan(16370)
  }
})

test('decoder.bin is read back as it was written', () => {
  const [latents, components, lumaBand, chromaBand, levels] = [3, 2, 2, 1, 4]
  const parameters = {
    ...{ latents, components, lumaBand, chromaBand, levels, coefficients: 5 },
    weights: Int8Array.from({ length: 15 }, (_, i) => 17 * i - 127),
    shifts: Uint8Array.of(0, 1, 4),
    bias: Int16Array.of(-32768, 32767, -1, 0, 258),
    componentShares: sharesOf([1, 1]),
    levelShares: sharesOf([1, 2, 3, 4]),
    errorShares: sharesOf(new Array(16).fill(1)),
    locations: Int8Array.of(-128, 127, 0, 1, -1, 5),
    scales: Uint8Array.of(0, 47, 3, 4, 5, 6),
    template: templateOf(0.3),
  }
  expect(readParameters(writeParameters(parameters))).toEqual(parameters)
})

test.each(['preview', 'preview-0'])("%s's encoder is the least-squares one of its decoder", async (name) => {
  const directory = join(import.meta.dirname, '..', '..', '..', 'models', name)
  const parameters = readParameters(readFileSync(join(directory, 'decoder.bin')))
  const { weights } = await leastSquaresEncoder(parameters, SHAPE)
  expect(Buffer.from(weights).equals(readFileSync(join(directory, 'encoder', 'weights.bin')))).toBe(true)
})

test('a preview that starts from another begins with its dimensions, to the bit, and adds others', async () => {
  const base = previewParameters('preview-0')
  const latent = base.latents + 4
  const random = new Random(3)
  const samples = Uint8Array.from({ length: 400 * PIXELS }, () => random.integer(256))
  const networks = await startNetworks(
    { ...presets.preview, from: 'preview-0', networks: { ...presets.preview.networks, latent } },
    { shape: SHAPE, count: 400, samples },
  )
  const linear = networks.decoder.getLayer('linear')
  const grid = await gridOf(linear.weights[0].read() as tf.Variable).data()
  const weights = (await linear.getWeights()[0].data()).map(
    (value, i) => value / grid[Math.floor(i / base.coefficients)],
  )
  const own = base.latents * base.coefficients
  expect([...weights.subarray(0, own)].map((value) => weightByte(value))).toEqual([...base.weights])
  expect(weights.subarray(own).some((value) => Math.abs(value) > 1)).toBe(true)
})

test('drawings are the same in every run, and have flat colours at the corners of RGB', () => {
  const images = drawings(40, SHAPE)
  expect(drawings(40, SHAPE)).toEqual(images)
  const corners = images.map((image) => image.filter((value) => value === 0 || value === 255).length / PIXELS)
  expect(Math.max(...corners)).toBe(1)
  expect(Math.min(...corners)).toBeLessThan(0.2)
})
