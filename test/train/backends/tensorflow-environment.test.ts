import { afterEach, expect, test, vi } from 'vitest'
import { setTensorFlowEnvironment } from '../../../train/backends/tensorflow-environment.ts'
import type { NetworkSettings } from '../../../train/networks/network-settings.ts'
import { presets } from '../../../train/presets.ts'

afterEach(() => vi.unstubAllEnvs())

const { textbook } = presets

function threads(batch: number, networks: Partial<NetworkSettings> = {}, set?: string): string | undefined {
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', set)
  const optimization = { ...textbook.optimization, batch }
  setTensorFlowEnvironment({ ...textbook, networks: { ...textbook.networks, ...networks }, optimization })
  return process.env.TF_NUM_INTRAOP_THREADS
}

test('TensorFlow gets one thread for small matrix products, all of them for large ones', () => {
  expect(threads(64)).toBe('1')
  expect(threads(32, { encoder: { family: 'gru', widths: null } })).toBe('1')
  expect(threads(512)).toBe(undefined)
  expect(threads(64, { decoder: { family: 'mlp', widths: [1024] } })).toBe(undefined)
  expect(threads(64, { decoder: { family: 'cnn', widths: null } })).toBe(undefined)
})

test('a number of threads that the user has set stays', () => {
  expect(threads(64, {}, '8')).toBe('8')
})
