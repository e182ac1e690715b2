import { expect, test } from 'vitest'
import { presets } from '../../train/presets.ts'
import { overfittingOf } from '../../train/report/overfitting.ts'
import type { TrainingRecord } from '../../train/report/training-record.ts'

const record = (trainingLoss: number, validationLoss: number): TrainingRecord => ({
  backend: 'wasm',
  seed: 1,
  epochs: 1,
  data: 'photos',
  seconds: 1,
  parameters: 1,
  images: { training: 240, validation: 60, measured: 60 },
  validation: { mse: 0.01, psnrDb: 20 },
  validationLoss,
  trainingLoss,
  ending: 'complete',
  command: 'npm run train',
  settings: presets.photo,
})

test('a held-out loss well above that of training images is called overfitting, with what to do', () => {
  expect(overfittingOf(record(0.77, 1.0))).toMatch(
    /1\.00 on held-out images and 0\.770 on training.*240 images.*--from/,
  )
})

test('a held-out loss a little above is not', () => {
  expect(overfittingOf(record(0.97, 1.0))).toBeUndefined()
  expect(overfittingOf(record(-0.2, -0.1))).toBeUndefined()
})
