import { afterEach, expect, test, vi } from 'vitest'
import { setTensorFlowEnvironment } from '../../train/backends/tensorflow-environment.ts'
import { presets } from '../../train/presets.ts'

afterEach(() => vi.unstubAllEnvs())

function threads(changes: object, set?: string): string | undefined {
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', set)
  setTensorFlowEnvironment({ ...presets.textbook!, ...changes })
  return process.env.TF_NUM_INTRAOP_THREADS
}

test('TensorFlow gets one thread for small matrix products, all of them for large ones', () => {
  expect(threads({ batch: 64 })).toBe('1')
  expect(threads({ batch: 32, encoder: 'gru', encoderWidths: null })).toBe('1')
  expect(threads({ batch: 512 })).toBe(undefined)
  expect(threads({ batch: 64, decoderWidths: [1024] })).toBe(undefined)
  expect(threads({ batch: 64, decoder: 'cnn', decoderWidths: null })).toBe(undefined)
})

test('a number of threads that the user has set stays', () => {
  expect(threads({ batch: 64 }, '8')).toBe('8')
})
