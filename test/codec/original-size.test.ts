import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ImageSize, packSize, unpackSize } from '../../shared/codec/container/original-size.ts'
import { RangeDecoder, RangeEncoder } from '../../shared/codec/entropy/range-coder.ts'
import { CodecError } from '../../shared/codec/errors.ts'
import { unlessRefused } from './unless-refused.ts'

function pack(size: ImageSize | undefined): Uint8Array {
  const coder = new RangeEncoder()
  packSize(coder, size)
  return coder.finish()
}
const unpack = (bytes: Uint8Array) => unpackSize(new RangeDecoder(bytes))

test('every size comes back', () => {
  const side = fc.oneof(
    fc.integer({ min: 1, max: 65_536 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 0, max: 16 }).map((bits) => 2 ** bits),
    fc.integer({ min: 1, max: 655 }).map((hundreds) => 100 * hundreds),
  )
  const sides = fc.oneof(
    fc.tuple(side, side),
    fc
      .tuple(side, fc.constantFrom(1, 2 / 3, 3 / 4, 9 / 16), fc.integer({ min: -2, max: 2 }))
      .map(([longer, ratio, off]) => [
        longer,
        Math.min(65_536, Math.max(1, Math.round(longer * ratio) + off)),
      ]),
  )
  fc.assert(
    fc.property(sides, fc.boolean(), ([a, b], turned) => {
      const size = turned ? { width: b!, height: a! } : { width: a!, height: b! }
      expect(unpack(pack(size))).toEqual(size)
    }),
    { numRuns: 20_000 },
  )
})

test("the model's own size is a bit, common sizes take two bytes, any size at most six", () => {
  expect(pack(undefined).length).toBe(0)
  for (const [width, height] of [
    [768, 512],
    [512, 768],
    [1920, 1080],
    [4032, 3024],
    [3024, 4032],
    [1080, 1080],
    [640, 480],
  ])
    expect(pack({ width: width!, height: height! }).length).toBeLessThanOrEqual(2)
  const side = fc.integer({ min: 1, max: 65_536 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      expect(pack({ width, height }).length).toBeLessThanOrEqual(6)
    }),
  )
})

test('arbitrary bytes unpack to a size that can be packed, or throw CodecError', () => {
  let unpacked = 0
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const size = unlessRefused(CodecError, () => unpack(bytes))
      if (size === undefined) return
      unpacked++
      expect(unpack(pack(size))).toEqual(size)
    }),
    { numRuns: 5000 },
  )
  expect(unpacked).toBeGreaterThan(100)
})

test('a size out of range is refused, not clamped', () => {
  for (const width of [0, 65_537, 1.5, Number.NaN])
    expect(() => pack({ width, height: 1 })).toThrow(RangeError)
})
