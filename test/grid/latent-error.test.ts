import { expect, test } from 'vitest'
import { LevelSymbols } from '../../shared/grid/planes/level-symbols.ts'
import { GROUPS } from '../../shared/grid/planes/plane-groups.ts'
import { GROUP_COUNT, MAX_PLANES } from '../../shared/grid/planes/plane-shape.ts'
import { LatentErrors } from '../../shared/grid/search/latent-error.ts'
import { shortestOf } from '../../shared/grid/search/shortest-code.ts'
import { Random } from '../../train/random.ts'

/** A level whose planes take bytes as their latents do, and the quality of its pictures: `share` of the latents' error. */
function level(share: number, floor: number) {
  const symbols = new LevelSymbols(8, 8)
  const random = new Random(64)
  for (let i = 0; i < symbols.magnitudes.length; i++)
    symbols.magnitudes[i] = Math.min(8000, Math.abs(random.normal()) * 60 * Math.exp(random.normal()))
  let bytes = 100
  const errors = new LatentErrors(symbols, bytes, -10 * Math.log10(floor))
  for (let plane = MAX_PLANES - 1; plane >= 0; plane--)
    for (let group = 0; group < GROUP_COUNT; group++) {
      let found = 0
      for (let at = GROUPS[group] * symbols.count; at < GROUPS[group + 1] * symbols.count; at++)
        if (symbols.magnitudes[at] >>> plane) found++
      bytes += 1 + (found >> 2)
      errors.segmentEnded(plane, group, bytes)
    }
  const psnrDb = (length: number) => -10 * Math.log10(floor + share * errors.errorAt(length))
  return { errors, most: bytes, psnrDb }
}

test('a quality is found in three pictures at most if the error goes with the latents, whatever its share', () => {
  for (const share of [0.45, 0.6])
    for (const targetDb of [24, 27, 30]) {
      const { errors, most, psnrDb } = level(share, 1e-4)
      let drawn = 0
      const at = (bytes: number) => {
        drawn++
        return { bytes, psnrDb: psnrDb(bytes) }
      }
      const found = shortestOf(100, most, 40, targetDb, at, (goalDb, points) =>
        errors.bytesFor(goalDb, points),
      )
      expect(found.psnrDb).toBeGreaterThanOrEqual(targetDb)
      expect(psnrDb(found.bytes - Math.max(2, found.bytes >> 6))).toBeLessThan(targetDb)
      expect(drawn).toBeLessThanOrEqual(3)
    }
})

test('nothing is expected of a picture whose first lengths were far off, nor of latents that are hardly known yet', () => {
  const { errors } = level(0.57, 1e-4)
  expect(errors.bytesFor(30, [])).toBeDefined()
  expect(
    errors.bytesFor(30, [
      { bytes: 1000, psnrDb: 27 },
      { bytes: 1100, psnrDb: 27.5 },
    ]),
  ).toBeUndefined()
  expect(errors.bytesFor(1, [])).toBeUndefined()
  const soonGood = { bytes: 101, psnrDb: 31 }
  expect(errors.bytesFor(30, [soonGood])).toBeUndefined()
})
