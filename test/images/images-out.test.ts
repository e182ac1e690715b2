import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodePng } from '../../shared/images/png/encode-png.ts'
import { upscale } from '../../shared/images/upscale.ts'
import { picture } from './pictures.ts'

test('sharp reads from encodePng exactly the samples that went in, stored or deflated, grey or RGB', async () => {
  for (const channels of [1, 3] as const) {
    for (const [width, height] of [
      [1, 1],
      [28, 28],
      [32, 32],
      [37, 36],
      [64, 65],
      [301, 200],
    ] as const) {
      const { data } = picture(width, height, channels)
      const png = encodePng(data, { width, height, channels })
      const image = sharp(png)
      expect((await image.metadata()).channels).toBe(channels)
      const raw = await (channels === 1 ? image.toColourspace('b-w') : image).raw().toBuffer()
      expect(raw.equals(Buffer.from(data))).toBe(true)
    }
  }
})

test('larger pictures are deflated: a smooth one to less than a tenth', () => {
  const small = picture(32, 32, 3).data
  const large = upscale(small, { width: 32, height: 32, channels: 3 }, 320, 240)
  expect(encodePng(large, { width: 320, height: 240, channels: 3 }).length).toBeLessThan(large.length / 2)
})

test('upscaling keeps a flat colour, the mean, and a mirror image mirrored', () => {
  const shape = { width: 8, height: 8, channels: 1 } as const
  const flat = upscale(new Uint8Array(64).fill(77), shape, 100, 37)
  expect(flat.length).toBe(3700)
  expect(new Set(flat)).toEqual(new Set([77]))

  const { data } = picture(8, 8, 1)
  const large = upscale(data, shape, 80, 48)
  const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean(large) - mean(data))).toBeLessThan(3)
  const mirrored = (values: Uint8Array, width: number): Uint8Array =>
    values.map((_, i) => values[i - (i % width) + width - 1 - (i % width)])
  const other = upscale(mirrored(data, 8), shape, 80, 48)
  expect(mirrored(other, 80).every((value, i) => Math.abs(value - large[i]) <= 1)).toBe(true)
})

test('upscaling a slope gives a slope: no steps, no overshoot', () => {
  const slope = Uint8Array.from({ length: 16 }, (_, i) => 10 + 15 * i)
  const large = upscale(slope, { width: 16, height: 1, channels: 1 }, 160, 1)
  const steps = [...large].slice(1).map((value, i) => value - large[i])
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...steps)).toBeLessThanOrEqual(3)
})
