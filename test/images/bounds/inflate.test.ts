import { constants, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InflateError } from '../../../shared/images/inflate/bit-input.ts'
import { inflate } from '../../../shared/images/inflate/inflate.ts'

function inflated(stream: Uint8Array, pieceBytes = stream.length || 1): Buffer {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += pieceBytes) pieces.push(stream.subarray(at, at + pieceBytes))
  const taken: Buffer[] = []
  inflate(pieces, {
    onBlock() {},
    take(bytes) {
      taken.push(Buffer.from(bytes))
      return false
    },
  })
  return Buffer.concat(taken)
}

const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants
const settings = fc.record({
  level: fc.constantFrom(0, 1, 6, 9),
  strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
})
/** Repeats near and far, noise and runs. */
const data = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(200)), { maxLength: 20 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([part, times]) => new Array<Uint8Array>(times + 1).fill(part))),
  )

test('anything that zlib deflates, at any setting and cut into any pieces, inflates to the same bytes', () => {
  fc.assert(
    fc.property(data, settings, fc.integer({ min: 1, max: 500 }), (bytes, how, pieceBytes) => {
      expect(inflated(deflateSync(bytes, how), pieceBytes).equals(bytes)).toBe(true)
    }),
    { seed: 64, numRuns: 200 },
  )
})

test('a damaged or truncated stream yields bytes or throws InflateError, nothing else', () => {
  const change = fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255))
  fc.assert(
    fc.property(
      data,
      settings,
      fc.array(change, { maxLength: 4 }),
      fc.nat(20),
      (bytes, how, changes, cut) => {
        const stream = deflateSync(bytes, how)
        for (const [place, value] of changes) stream[Math.floor(place * stream.length)] = value
        try {
          inflated(stream.subarray(0, stream.length - cut))
        } catch (error) {
          expect(error).toBeInstanceOf(InflateError)
        }
      },
    ),
    { seed: 64, numRuns: 1000 },
  )
})

test('every block is announced, and the first that is enough ends the work', () => {
  const bomb = deflateSync(Buffer.alloc(50e6))
  let [pieces, blocks] = [0, 0]
  inflate([bomb], { onBlock: () => blocks++, take: () => ++pieces === 2 })
  expect(pieces).toBe(2)
  const empty = Buffer.concat([
    bomb.subarray(0, 2),
    ...new Array<Buffer>(5000).fill(Buffer.of(0, 0, 0, 0xff, 0xff)),
  ])
  expect(() => inflate([empty], { onBlock: () => blocks++, take: () => false })).toThrow(InflateError)
  expect(blocks).toBeGreaterThan(5000)
})
