import { expect, test } from 'vitest'
import { mse, psnrDb, ssim } from '../../shared/images/metrics.ts'

const shape = { height: 9, width: 8, channels: 1 } as const
const ramp = Uint8Array.from({ length: 72 }, (_, i) => i * 3)
const other = Uint8Array.from({ length: 72 }, (_, i) => (i * 37) % 256)

test('mse is on [0, 1] samples', () => {
  expect(mse(Uint8Array.of(0, 255), Uint8Array.of(255, 255))).toBe(0.5)
  expect(mse(Uint8Array.of(10), Uint8Array.of(13))).toBeCloseTo(9 / 65025, 12)
})

test('psnr of no error is finite, and 20 dB is an mse of 0.01', () => {
  expect(psnrDb(0)).toBe(99)
  expect(psnrDb(0.01)).toBeCloseTo(20, 12)
})

test('ssim equals scikit-image 0.26, structural_similarity(data_range=1) of the same arrays', () => {
  expect(ssim(ramp, ramp, shape)).toBe(1)
  expect(ssim(ramp, other, shape)).toBeCloseTo(0.09053177486047226, 10)
})

test('ssim of colour is the mean over channels, and small images have one window', () => {
  const colour = { height: 2, width: 2, channels: 3 } as const
  const a = Uint8Array.from({ length: 12 }, (_, i) => i * 20)
  expect(ssim(a, a, colour)).toBeCloseTo(1, 12)
  expect(ssim(a, a.toReversed(), colour)).toBeLessThan(0.5)
})
