import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AdaptiveSymbols, bitDecoder, bitEncoder } from '../../shared/codec/entropy/adaptive-symbols.ts'
import { RangeDecoder, RangeEncoder } from '../../shared/codec/entropy/range-coder.ts'

test('any whole numbers of 16 bits, in any contexts, come back as they were', () => {
  const number = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -32768, max: 65535 }))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(30), number), { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      (pairs, slowest) => {
        const coder = new RangeEncoder()
        const written = new AdaptiveSymbols(bitEncoder(coder), 31, slowest)
        for (const [context, value] of pairs) written.code(value, context)
        const read = new AdaptiveSymbols(bitDecoder(new RangeDecoder(coder.finish())), 31, slowest)
        for (const [context, value] of pairs) expect(read.code(0, context)).toBe(value)
      },
    ),
    { numRuns: 40 },
  )
})

test('a context of zeros takes less than a fortieth of a bit for each', () => {
  const coder = new RangeEncoder()
  const symbols = new AdaptiveSymbols(bitEncoder(coder), 4, 5)
  for (let i = 0; i < 8000; i++) symbols.code(0, 3)
  expect(coder.finish().length).toBeLessThan(25)
})
