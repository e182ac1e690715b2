import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AreaAverage, areaAverage, toChannels } from '../../shared/images/resize.ts'

/** The definition, pixel by pixel: each image pixel by the area in which it overlaps the target pixel. */
function byDefinition(
  samples: Uint8Array,
  from: [number, number],
  to: [number, number],
  channels: 1 | 3,
): number[] {
  const [width, height] = from
  const [targetWidth, targetHeight] = to
  const overlap = (i: number, scale: number, j: number): number =>
    Math.max(0, Math.min(i + 1, (j + 1) * scale) - Math.max(i, j * scale))
  const means: number[] = []
  for (let ty = 0; ty < targetHeight; ty++)
    for (let tx = 0; tx < targetWidth; tx++)
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            sum +=
              samples[(y * width + x) * channels + c] *
              overlap(x, width / targetWidth, tx) *
              overlap(y, height / targetHeight, ty)
        means.push((sum * targetWidth * targetHeight) / (width * height))
      }
  return means
}

const side = fc.integer({ min: 1, max: 13 })
const image = fc.tuple(side, side, fc.constantFrom<(1 | 3)[]>(1, 3)).chain(([width, height, channels]) => {
  const length = width * height * channels
  const samples = fc.uint8Array({ minLength: length, maxLength: length })
  return samples.map((data) => ({ data, width, height, channels }))
})

test('the area average is its definition, rounded, whether a side shrinks or grows', () => {
  fc.assert(
    fc.property(image, side, side, ({ data, width, height, channels }, targetWidth, targetHeight) => {
      const expected = byDefinition(data, [width, height], [targetWidth, targetHeight], channels)
      const got = areaAverage(
        data,
        { width, height, channels },
        { width: targetWidth, height: targetHeight, channels },
      )
      got.forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(0.5 + 1e-9)
      })
    }),
    { seed: 64 },
  )
})

test("an image of the model's size passes through untouched, one of one colour keeps it at any size", () => {
  fc.assert(
    fc.property(image, side, side, fc.nat(255), ({ data, width, height, channels }, w, h, colour) => {
      expect(areaAverage(data, { width, height, channels }, { width, height, channels })).toEqual(data)
      const flat = areaAverage(
        data.map(() => colour),
        { width, height, channels },
        { width: w, height: h, channels },
      )
      expect(flat).toEqual(new Uint8Array(w * h * channels).fill(colour))
    }),
    { seed: 64 },
  )
})

test('the order in which rows come does not matter', () => {
  const size = { width: 97, height: 89, channels: 3 as const }
  const data = Uint8Array.from({ length: 97 * 89 * 3 }, (_, i) => (i * i * 31) >> 5)
  const average = new AreaAverage(size, { width: 32, height: 32 })
  const columns = average.columns({ start: 0, step: 1, size: 1, count: 97 })
  for (let k = 0; k < 89; k++) {
    const y = (k * 55) % 89
    average.addRow(data.subarray(y * 291, (y + 1) * 291), columns, y, y + 1)
  }
  expect(average.finish()).toEqual(areaAverage(data, size, { width: 32, height: 32, channels: 3 }))
})

test('RGB to grey is BT.601 luma, and gives back what was grey', () => {
  for (let value = 0; value < 256; value++) {
    expect(toChannels(Uint8Array.of(value, value, value), 3, 1)).toEqual(Uint8Array.of(value))
    expect(toChannels(Uint8Array.of(value), 1, 3)).toEqual(Uint8Array.of(value, value, value))
  }
  for (const [r, g, b] of [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [12, 200, 99],
  ] as const) {
    const [luma] = toChannels(Uint8Array.of(r, g, b), 3, 1)
    expect(luma).toBe(Math.round(0.299 * r + 0.587 * g + 0.114 * b))
  }
})
