import { expect, test } from 'vitest'
import { effortFor, measuredImages } from '../../train/export/effort.ts'

test('after a short training export decodes a bounded number of images, however large the decoder', () => {
  for (const macs of [2e5, 2e6, 3e7, 3e8]) {
    const { tableImages, errorImages, cautionImages, sensitivityLatents } = effortFor(110_000, false, {
      macs,
      inputSize: 64,
    })
    expect(tableImages).toBeLessThanOrEqual(3000)
    expect(cautionImages).toBeLessThanOrEqual(400)
    const decodings = 5 * Math.min(errorImages, cautionImages) + 65 * sensitivityLatents
    expect(decodings * macs).toBeLessThan(Math.max(3e10, macs * (5 * 32 + 65 * 3) + 1))
  }
})

test('a training as long as a shipped model has all its images for tables and levels', () => {
  const seen = 120 * 45_000
  expect(effortFor(seen, true, { macs: 1e6, inputSize: 64 }).tableImages).toBe(Number.POSITIVE_INFINITY)
  expect(measuredImages(seen, 5000)).toBe(5000)
  expect(measuredImages(1000, 5000)).toBe(1000)
})
