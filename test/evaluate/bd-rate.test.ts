import { expect, test } from 'vitest'
import { bdRatePercent } from '../../evaluate/long-codes/bd-rate.ts'

const curve = (factor: number, shiftDb = 0) =>
  [100, 200, 400, 800].map((bytes) => ({ bytes: bytes * factor, psnrDb: 10 * Math.log10(bytes) + shiftDb }))

test('a codec that takes 30 % fewer bytes everywhere has a BD-rate of -30 %', () => {
  expect(bdRatePercent(curve(0.7), curve(1))).toBeCloseTo(-30, 9)
  expect(bdRatePercent(curve(1), curve(0.7))).toBeCloseTo(100 * (1 / 0.7 - 1), 9)
})

test('only the PSNR that both reach counts', () => {
  const better = [...curve(0.5), { bytes: 1e6, psnrDb: 60 }]
  expect(bdRatePercent(better, curve(1))).toBeCloseTo(-50, 9)
  expect(bdRatePercent(curve(1), curve(1, 100))).toBeUndefined()
})
