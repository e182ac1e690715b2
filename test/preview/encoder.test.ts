/** How a preview's encoder aims at an image and finds symbols for it, on the page's photographs (Kodak's). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { openImage } from '../../node/open-image.ts'
import { compress } from '../../shared/codec/codec.ts'
import { COST_UNITS_PER_BIT } from '../../shared/codec/entropy/symbols.ts'
import type { PreviewModel } from '../../shared/codec/model.ts'
import { dequantize, quantize } from '../../shared/codec/quantize/quantizer.ts'
import { encode } from '../../shared/codec/transform.ts'
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import { drawLatent, withoutAlpha } from '../../shared/preview/decoder.ts'
import { Curvature } from '../../shared/preview/encoder/curvature.ts'
import { DistanceFrom } from '../../shared/preview/encoder/distance.ts'
import { PathSearch } from '../../shared/preview/encoder/path.ts'
import { PreviewQuantizer } from '../../shared/preview/encoder/quantizer.ts'
import { fromThumbHash, toThumbHash } from '../../train/baselines/thumb-hash.ts'

const root = join(import.meta.dirname, '..', '..')
const photos = join(root, 'edge', 'page', 'front', 'gallery', 'photos')

let model: PreviewModel
let images: Uint8Array[]
let curvature: Curvature
beforeAll(async () => {
  model = (await loadModelDirectory(join(root, 'models', 'preview'))) as PreviewModel
  const files = readdirSync(photos).filter((name) => name.endsWith('.webp'))
  images = await Promise.all(
    files.map(async (name) => {
      const image = await openImage(new Uint8Array(readFileSync(join(photos, name))))
      return image!.samplesAs(model.manifest.input)
    }),
  )
  curvature = new Curvature(model.preview)
})

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const draw = (latent: ArrayLike<number>) => withoutAlpha(drawLatent(model.preview, latent, 32, 32))
const encoded = (image: Uint8Array) => encode(model, [image])[0]

test('slopes are those of the distance, by each sample of a picture', () => {
  const distance = new DistanceFrom(images[0])
  const picture = images[1].map((sample) => Math.max(8, Math.min(247, sample)))
  const slopes = distance.slopesAt(picture)
  for (let at = 0; at < picture.length; at += 97) {
    const [more, less] = [picture.slice(), picture.slice()]
    more[at] += 2
    less[at] -= 2
    const slope = (distance.to(more) - distance.to(less)) / 4
    expect((2 * slopes[at]) / 1024).toBeCloseTo(slope, 8)
  }
})

test('the curvature says within a third, on average within a tenth, how much a wrong latent adds to the distance', () => {
  const ratios = images.map((image, i) => {
    const distance = new DistanceFrom(image)
    const { aim } = new PreviewQuantizer(model, image, encoded(image))
    const errors = aim.map((_, d) => 0.4 * Math.sin(i + 7 * d))
    const there = (sign: number) => distance.to(draw(aim.map((value, d) => value + sign * errors[d])))
    const added = (there(1) + there(-1)) / 2 - distance.to(draw(aim))
    return added / curvature.distanceOf(errors)
  })
  expect(Math.abs(mean(ratios) - 1)).toBeLessThan(0.1)
  expect(Math.min(...ratios)).toBeGreaterThan(0.66)
  expect(Math.max(...ratios)).toBeLessThan(1.5)
})

test.each([
  ['photographs', 1, (sample: number) => sample],
  ['dark ones', 3, (sample: number) => sample / 7],
  ['nearly black ones', 8, (sample: number) => sample / 20],
  ['bright ones', 1, (sample: number) => 255 - (255 - sample) / 5],
])(
  '%s: what is aimed at is nearer than the encoder’s latent, and for none more than %i %% farther',
  (_, percent, change) => {
    const ratios = images
      .map((each) => each.map(change))
      .map((image) => {
        const distance = new DistanceFrom(image)
        const latent = encoded(image)
        const { aim } = new PreviewQuantizer(model, image, latent)
        return distance.to(draw(aim)) / distance.to(draw(latent))
      })
    expect(mean(ratios)).toBeLessThan(0.998)
    expect(Math.max(...ratios)).toBeLessThan(1 + percent / 100)
  },
)

test('the path of least bits and distance saves 1 % of both, as errors make up for one another', () => {
  const [at, weight] = [10, 0.3]
  const level = model.manifest.levels[at]
  const tables = model.entropyModel.level(at)
  const search = new PathSearch(model.manifest.latent)
  const bitsPerDistance = (weight * 13) / level.steps[0] ** 2 / (curvature.trace / model.manifest.latent)
  const costs = images.map((image) => {
    const { aim } = new PreviewQuantizer(model, image, encoded(image))
    const { component, symbols: alone } = quantize(aim, level, tables, weight)
    const together = new Int32Array(aim.length)
    const question = {
      latent: aim,
      step: level.steps[0],
      curvature: curvature.matrix,
      weight: bitsPerDistance,
    }
    search.best({ ...question, tables, component }, together)
    const costOf = (symbols: Int32Array) => {
      const latent = new Float32Array(aim.length)
      dequantize(symbols, level, latent)
      const distance = curvature.distanceOf(latent.map((value, d) => value - aim[d]))
      return tables.latentCost(component, symbols) / COST_UNITS_PER_BIT + bitsPerDistance * distance
    }
    return { alone: costOf(alone), together: costOf(together) }
  })
  const ratio = mean(costs.map(({ together }) => together)) / mean(costs.map(({ alone }) => alone))
  expect(ratio).toBeLessThan(0.99)
})

test('at 24 bytes thumbnails are 1.85 dB nearer than ThumbHashes', async () => {
  const shape = model.manifest.input
  const ours = images.map((image) => compress(model, image, { maxBytes: 24, width: 768, height: 512 }).mse)
  const theirs = await Promise.all(
    images.map(async (image) => mse(image, await fromThumbHash(await toThumbHash(image, shape), shape))),
  )
  expect(psnrDb(mean(ours)) - psnrDb(mean(theirs))).toBeGreaterThan(1.85)
})
