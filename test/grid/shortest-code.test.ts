import { expect, test } from 'vitest'
import { NEAR_DB, shortestOf } from '../../shared/grid/search/shortest-code.ts'

const [LEAST, LONGEST] = [52, 172_018]

const curves: [string, (bytes: number) => number][] = [
  ['a photograph', (bytes) => 2.2 * Math.log2(bytes) - 1 + bytes / 60_000],
  ['one that is soon good', (bytes) => 25 + 0.9 * Math.log2(bytes)],
  ['one with steps', (bytes) => 2 * Math.floor(Math.log2(bytes) * 2)],
]

for (const [name, psnrDb] of curves)
  test(`the code found is good enough, and hardly better or longer than it must be, the more so the fewer were drawn: ${name}`, () => {
    for (const targetDb of [18, 22, 25.5, 30, 33, 36]) {
      let drawn = 0
      const found = shortestOf(LEAST, LONGEST, 34, targetDb, (bytes) => {
        drawn++
        return { bytes, psnrDb: psnrDb(bytes) }
      })
      expect(drawn).toBeLessThanOrEqual(16)
      if (psnrDb(LONGEST) < targetDb) expect(found.bytes).toBe(LONGEST)
      else {
        expect(found.psnrDb).toBeGreaterThanOrEqual(targetDb)
        const isHardlyBetter = found.bytes === LEAST || found.psnrDb <= targetDb + NEAR_DB * drawn
        expect(isHardlyBetter || psnrDb(Math.floor(found.bytes * (1 - drawn / 200))) < targetDb).toBe(true)
      }
    }
  })

test('a quality that no code has gives the longest, drawn once', () => {
  let drawn = 0
  const found = shortestOf(52, 90_000, 34, 60, (bytes) => {
    drawn++
    return { bytes, psnrDb: 30 + bytes / 1e6 }
  })
  expect(found.bytes).toBe(90_000)
  expect(drawn).toBe(1)
})
