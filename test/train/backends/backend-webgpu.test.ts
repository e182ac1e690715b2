import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { selectBackend } from '../../../train/backends/backend.ts'
import { allLosses, expectSameLosses, firstLosses, whyUnavailable } from './training-step.ts'

const root = join(import.meta.dirname, '..', '..', '..')
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
})

test('a machine without webgpu, or without a driver for it, is told what to do', async () => {
  const script = `import { selectBackend } from ${JSON.stringify(join(root, 'train', 'backends', 'backend.ts'))}
    await selectBackend('webgpu').then(() => console.log('started'), (error) => console.log(error.message))
    process.exit() // Dawn keeps the event loop alive`
  const env = { ...process.env, VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' }
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  expect(stdout).toMatch(/npm run setup:webgpu|no GPU driver found|only a software GPU here/)
})
