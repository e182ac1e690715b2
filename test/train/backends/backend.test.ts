import { describe, expect, test } from 'vitest'
import { backendNames, selectBackend } from '../../../train/backends/backend.ts'
import { checkDisk, checkPlatform, findCompiler, findPython } from '../../../train/tensorflow/preflight.ts'
import { allLosses, expectSameLosses, firstLosses, networkNames, whyUnavailable } from './training-step.ts'

describe('every backend trains alike: tensorflow', async () => {
  await selectBackend('wasm')
  const reference = await allLosses(networkNames)
  const reason = await whyUnavailable('tensorflow')

  test.skipIf(reason).each(networkNames)('%s: ten losses within 1e-4 of wasm', async (name) => {
    await selectBackend('tensorflow')
    expectSameLosses(await firstLosses(name), reference.get(name)!)
  })

  test('the reference falls: it trains', () => {
    for (const losses of reference.values()) expect(losses.at(-1)).toBeLessThan(0.995 * losses[0])
  })

  test('wasm repeats the same losses, to the bit', async () => {
    await selectBackend('wasm')
    for (const name of ['mlp', 'cnn'] as const) expect(await firstLosses(name)).toEqual(reference.get(name))
  })
})

describe('selectBackend', () => {
  test('auto gives a backend that works, and says why', async () => {
    const backend = await selectBackend('auto')
    expect(backendNames).toContain(backend.name)
    expect(backend.why).toMatch(/fastest that works here/)
    if (backend.name === 'wasm') expect(backend.hint).toMatch(/npm run setup:tensorflow|TensorFlow/)
  })
})

describe('setup:tensorflow says what to do', () => {
  test('about a Python that TensorFlow has no wheel for', () => {
    expect(() => findPython({ PYTHON: process.execPath })).toThrow(/Python 3\.10 to 3\.13.*PYTHON=/)
  })
  test('about a missing compiler', () => {
    expect(() => findCompiler({ CXX: '/nowhere/g++' })).toThrow(/no C\+\+ compiler.*apt install g\+\+/)
  })
  test('about a full disk', () => {
    expect(() => checkDisk(import.meta.dirname, 'cpu', 2 ** 40)).toThrow(
      /1099511627776 GiB of disk.*GiB are free/,
    )
  })
  test('about a platform without a build', () => {
    expect(() => checkPlatform('win32')).toThrow(/--backend webgpu/)
  })
})
