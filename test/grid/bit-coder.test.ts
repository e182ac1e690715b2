import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BitDecoder, BitEncoder, EndOfCode } from '../../shared/grid/planes/bit-coder.ts'
import { PROBABILITIES } from '../../shared/grid/planes/logit-table.ts'
import { MOST_LOG_ODDS } from '../../shared/grid/planes/plane-shape.ts'

const symbols = fc.array(
  fc.record({ bit: fc.integer({ min: 0, max: 1 }), one: fc.integer({ min: 1, max: 16383 }) }),
  {
    minLength: 1,
    maxLength: 400,
  },
)

function encoded(all: { bit: number; one: number }[]): Uint8Array {
  const coder = new BitEncoder()
  for (const { bit, one } of all) coder.code(bit, one)
  return coder.finish()
}

test('all bits come back', () => {
  fc.assert(
    fc.property(symbols, (all) => {
      const decoder = new BitDecoder(encoded(all))
      expect(all.map(({ one }) => decoder.code(0, one))).toEqual(all.map(({ bit }) => bit))
    }),
  )
})

test('a code cut anywhere gives a beginning of the bits, and no wrong one', () => {
  fc.assert(
    fc.property(symbols, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const code = encoded(all)
      const decoder = new BitDecoder(code.subarray(0, Math.floor(share * code.length)))
      const found: number[] = []
      try {
        for (const { one } of all) found.push(decoder.code(0, one))
      } catch (error) {
        expect(error).toBeInstanceOf(EndOfCode)
      }
      expect(found).toEqual(all.slice(0, found.length).map(({ bit }) => bit))
    }),
  )
})

test('a cut code decides nearly as many bits as its bytes hold', () => {
  const all = Array.from({ length: 4000 }, (_, i) => ({ bit: (i * 7919) % 13 < 5 ? 1 : 0, one: 6300 }))
  const decoder = new BitDecoder(encoded(all).subarray(0, 100))
  let bits = 0
  expect(() => {
    for (const { bit, one } of all) {
      decoder.code(0, one)
      bits -= Math.log2((bit ? one : 16384 - one) / 16384)
    }
  }).toThrow(EndOfCode)
  expect(bits).toBeGreaterThan(800 - 12)
})

test('log odds are within a thousandth of their probability, and never certain', () => {
  for (const [i, p] of PROBABILITIES.entries()) {
    const odds = i - MOST_LOG_ODDS
    expect(Math.abs(p / 16384 - 1 / (1 + Math.exp(-odds / 16)))).toBeLessThan(0.004)
    expect(p).toBeGreaterThan(0)
    expect(p).toBeLessThan(16384)
  }
})
