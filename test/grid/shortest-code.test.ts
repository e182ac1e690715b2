import { expect, test } from 'vitest'
import { shortestOf } from '../../shared/grid/shortest-code.ts'

/** By halving alone, every length drawn: what the search has to give. */
function halved(least: number, most: number, targetDb: number, psnrDb: (bytes: number) => number): number {
  let [low, high] = [least, most]
  while (high - low > Math.max(1, low >> 7)) {
    const middle = Math.round(Math.sqrt(low * high))
    if (psnrDb(middle) >= targetDb) high = middle
    else low = middle
  }
  return high
}

const curves: [string, (bytes: number) => number][] = [
  ['a photograph', (bytes) => 2.2 * Math.log2(bytes) - 1 + bytes / 60_000],
  ['one that is soon good', (bytes) => 25 + 0.9 * Math.log2(bytes)],
  ['one with steps', (bytes) => 2 * Math.floor(Math.log2(bytes) * 2)],
]

for (const [name, psnrDb] of curves)
  test(`guesses choose the length that halving does, with fewer pictures drawn: ${name}`, () => {
    for (const targetDb of [18, 22, 25.5, 30, 33, 36]) {
      const expected = halved(52, 172_018, targetDb, psnrDb)
      let drawn = 0
      const found = shortestOf(52, 172_018, targetDb, (bytes) => {
        drawn++
        return { bytes, psnrDb: psnrDb(bytes) }
      })
      expect(found.bytes).toBe(psnrDb(172_018) < targetDb ? 172_018 : expected)
      expect(drawn).toBeLessThanOrEqual(16)
    }
  })

test('a quality that no code has gives the longest, drawn once', () => {
  let drawn = 0
  const found = shortestOf(52, 90_000, 60, (bytes) => {
    drawn++
    return { bytes, psnrDb: 30 + bytes / 1e6 }
  })
  expect(found.bytes).toBe(90_000)
  expect(drawn).toBe(1)
})
