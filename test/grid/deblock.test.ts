import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deblock } from '../../shared/grid/deblock.ts'

const SHAPE = { blocksWide: 2, blocksHigh: 2 }
const drawn = (value: (x: number, y: number) => number) =>
  Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => value(Math.floor(i / 3) % 32, Math.floor(i / 96)))

describe('deblocking', () => {
  test('halves a small step between blocks, across and down', () => {
    for (const picture of [drawn((x) => (x < 16 ? 100 : 108)), drawn((_, y) => (y < 16 ? 100 : 108))]) {
      const steps = new Set<number>()
      const before = picture.slice()
      deblock(picture, SHAPE, 48)
      for (let i = 0; i < picture.length; i++) steps.add(picture[i] - before[i])
      expect(Math.max(...steps)).toBe(2)
      expect(Math.min(...steps)).toBe(-2)
    }
  })

  test('leaves an edge that is larger than the quantization step, a slope, and what lies inside blocks', () => {
    for (const picture of [
      drawn((x) => (x < 16 ? 20 : 220)),
      drawn((x, y) => 3 * x + 2 * y),
      drawn((x) => (x % 16 < 4 || x % 16 > 11 ? 100 : 108)),
    ]) {
      const before = picture.slice()
      deblock(picture, SHAPE, 32)
      expect(picture).toEqual(before)
    }
  })

  test('never changes a sample by more than a quarter of the step', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 3072, maxLength: 3072 }),
        fc.integer({ min: 0, max: 7 }),
        (noise, plane) => {
          const picture = noise.slice()
          deblock(picture, SHAPE, 16 * plane)
          for (let i = 0; i < noise.length; i++)
            expect(Math.abs(picture[i] - noise[i])).toBeLessThanOrEqual(2 ** plane + 1)
        },
      ),
      { numRuns: 20 },
    )
  })
})
