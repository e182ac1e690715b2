import { describe, expect, test } from 'vitest'
import { selectBackend } from '../../../train/backends/backend.ts'
import { allLosses, expectSameLosses, firstLosses, whyUnavailable } from './training-step.ts'

// Without a GPU webgpu runs in software, where the hundreds of kernels of a recurrent network's step take minutes.
const names = ['mlp', 'mlp with linear path', 'cnn'] as const

describe('every backend trains alike: webgpu', async () => {
  await selectBackend('wasm')
  const reference = await allLosses(names)
  const reason = await whyUnavailable('webgpu')

  test.skipIf(reason).each(names)(
    '%s: ten losses within 1e-4 of wasm',
    { timeout: 400_000 },
    async (name) => {
      await selectBackend('webgpu')
      expectSameLosses(await firstLosses(name), reference.get(name)!)
    },
  )

  test.skipIf(!reason)('a machine without it is told why', async () => {
    await expect(selectBackend('webgpu')).rejects.toThrow(/npm run setup:webgpu|no GPU driver found/)
  })
})
