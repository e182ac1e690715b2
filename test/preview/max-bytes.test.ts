/** maxBytes on the page's photographs: Kodak's, which no model was trained on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { openImage } from '../../node/open-image.ts'
import { compress } from '../../shared/codec/codec.ts'
import { UnreachableRateError } from '../../shared/codec/errors.ts'
import type { Model } from '../../shared/codec/model.ts'
import { squaredDistance } from '../../shared/preview/encoder/distance.ts'
import { toWeightedOklab } from '../../shared/preview/encoder/oklab.ts'

const root = join(import.meta.dirname, '..', '..')
const photos = join(root, 'edge', 'page', 'front', 'gallery', 'photos')
/** A ratio that codes spell out in 8 bits more than the common ones. */
const ODD = { width: 1000, height: 617 }

let model: Model
let images: Uint8Array[]
beforeAll(async () => {
  model = await loadModelDirectory(join(root, 'models', 'preview'))
  const files = readdirSync(photos).filter((name) => name.endsWith('.webp'))
  images = await Promise.all(
    files.map(async (name) => {
      const image = await openImage(new Uint8Array(readFileSync(join(photos, name))))
      return image!.samplesAs(model.manifest.input)
    }),
  )
})

const looks = (a: Uint8Array, b: Uint8Array) => squaredDistance(toWeightedOklab(a), toWeightedOklab(b))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('from 10 to 34 bytes each byte makes the picture look nearer and its error smaller, and all but one are used', {
  timeout: 120_000,
}, () => {
  expect(images.length).toBeGreaterThanOrEqual(20)
  let before = { looks: Number.POSITIVE_INFINITY, mse: Number.POSITIVE_INFINITY }
  for (let maxBytes = 10; maxBytes <= 34; maxBytes++) {
    const all = images.map((image) => compress(model, image, { maxBytes, width: 768, height: 512 }))
    expect(Math.max(...all.map(({ code }) => code.length))).toBeLessThanOrEqual(maxBytes)
    expect(mean(all.map(({ code }) => code.length))).toBeGreaterThan(maxBytes - 1)
    const errors = {
      looks: mean(all.map(({ samples }, i) => looks(images[i], samples))),
      mse: mean(all.map(({ mse }) => mse)),
    }
    expect(errors.looks).toBeLessThan(before.looks)
    expect(errors.mse).toBeLessThan(before.mse)
    before = errors
  }
})

test('from 8 bytes up no code is longer, whatever the aspect ratio; below that there may be no code', {
  timeout: 60_000,
}, () => {
  for (const image of images.slice(0, 6))
    for (const maxBytes of [8, 9, 10, 11, 35, 50, 63])
      expect(compress(model, image, { maxBytes, ...ODD }).code.length).toBeLessThanOrEqual(maxBytes)
  expect(() => compress(model, images[0], { maxBytes: 2 })).toThrow(UnreachableRateError)
})
