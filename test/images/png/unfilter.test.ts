import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unfilter } from '../../../shared/images/png/unfilter.ts'

/** The specification's own words, section 9.4. */
function paeth(a: number, b: number, c: number): number {
  const p = a + b - c
  const [pa, pb, pc] = [a, b, c].map((each) => Math.abs(p - each))
  if (pa <= pb && pa <= pc) return a
  return pb <= pc ? b : c
}

const predict = [
  () => 0,
  (a: number) => a,
  (_: number, b: number) => b,
  (a: number, b: number) => Math.floor((a + b) / 2),
  paeth,
]

function asSpecified(line: Uint8Array, above: Uint8Array, step: number): Uint8Array {
  const result = line.slice()
  for (let i = 1; i < line.length; i++) {
    const [a, c] = i > step ? [result[i - step], above[i - step]] : [0, 0]
    result[i] = line[i] + predict[line[0]](a, above[i], c)
  }
  return result
}

test('every filter is undone as the PNG specification says, for pixels of any number of bytes', () => {
  const lines = fc.nat(60).chain((length) => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length })
    return fc.tuple(bytes, bytes, fc.nat(4), fc.constantFrom(1, 2, 3, 4, 6, 8))
  })
  fc.assert(
    fc.property(lines, ([bytes, aboveBytes, filter, step]) => {
      const line = Uint8Array.of(filter, ...bytes)
      const above = Uint8Array.of(0, ...aboveBytes)
      const expected = asSpecified(line, above, step)
      unfilter(line, above, step)
      expect(line).toEqual(expected)
    }),
    { seed: 64, numRuns: 3000 },
  )
})
