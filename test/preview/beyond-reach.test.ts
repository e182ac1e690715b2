import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compress } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'

let model: Model
beforeAll(async () => {
  model = await loadModelDirectory(join(import.meta.dirname, '..', '..', 'models', 'preview'))
})

const flat = (...rgb: number[]) => Uint8Array.from({ length: 3072 }, (_, i) => rgb[i % 3])
const meanOf = (samples: Uint8Array) =>
  [0, 1, 2].map((c) => samples.reduce((sum, v, i) => (i % 3 === c ? sum + v : sum), 0) / 1024)

test('a flat colour beyond those of photographs stays what it is: red is red, green is green', () => {
  for (const [colour, leastDb] of [
    [[255, 0, 0], 30],
    [[0, 170, 0], 28],
    [[0, 0, 255], 28],
    [[238, 51, 51], 30],
    [[0, 255, 0], 28],
  ] as const)
    for (const options of [{}, { maxBytes: 12 }, { maxBytes: 24 }, { maxBytes: 34 }]) {
      const { psnrDb, samples } = compress(model, flat(...colour), options)
      expect(psnrDb).toBeGreaterThan(leastDb)
      const mean = meanOf(samples)
      expect(mean.indexOf(Math.max(...mean))).toBe((colour as readonly number[]).indexOf(Math.max(...colour)))
    }
})

test('more bytes never make a flat colour worse', { timeout: 60_000 }, () => {
  for (const colour of [
    [255, 0, 0],
    [0, 0, 255],
    [0, 255, 0],
    [51, 51, 51],
    [128, 128, 128],
  ]) {
    const qualities = [12, 18, 24, 32].map(
      (maxBytes) => compress(model, flat(...colour), { maxBytes }).psnrDb,
    )
    for (const [i, quality] of qualities.entries())
      if (i > 0) expect(quality).toBeGreaterThan(Math.min(33, qualities[i - 1] - 0.5)) // what is nearest for eyes is taken
  }
})
