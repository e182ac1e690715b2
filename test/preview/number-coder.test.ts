import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RangeDecoder, RangeEncoder } from '../../shared/codec/entropy/range-coder.ts'
import { numberDecoder, numberEncoder } from '../../shared/preview/shipped/number-coder.ts'

test('any whole numbers of 16 bits, in any contexts, come back as they were', () => {
  const numbers = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: -32768, max: 65535 })), { maxLength: 200 })
  fc.assert(
    fc.property(numbers, (pairs) => {
      const coder = new RangeEncoder()
      const encode = numberEncoder(coder)
      for (const [context, value] of pairs) encode(context, value)
      const decode = numberDecoder(new RangeDecoder(coder.finish()))
      for (const [context, value] of pairs) expect(decode(context, 0)).toBe(value)
    }),
  )
})

test('a context of zeros takes less than a fortieth of a bit for each', () => {
  const coder = new RangeEncoder()
  const encode = numberEncoder(coder)
  for (let i = 0; i < 8000; i++) encode(3, 0)
  expect(coder.finish().length).toBeLessThan(25)
})
