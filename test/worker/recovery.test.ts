import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { withModels } from '../../edge/isolate.ts'
import type { Models } from '../../edge/models.ts'
import type { Bindings } from '../../edge/settings.ts'
import { bytesOf, CODE, call, digits, picture, post, RAW } from './call.ts'

const bindings = env as unknown as Bindings

/** Overwrites all of the kernels' memory: whatever they do next reads nonsense for pointers. */
async function poison(models: Models): Promise<void> {
  const model = await models.load(models.named((await digits()).name))
  new Uint8Array(model.encoder.input(1).buffer).fill(0xff)
}

test('a trap inside the wasm kernels: the request is answered all the same, from fresh kernels', async () => {
  const golden = await bytesOf(await post('/compress', picture(), RAW, CODE))
  const before = await withModels(bindings, async (models) => {
    await poison(models)
    return models
  })
  const after = await post('/compress', picture(), RAW, CODE)
  expect([...(await bytesOf(after))]).toEqual([...golden])
  expect(await withModels(bindings, (models) => models)).not.toBe(before)
})

test('a request that traps every time fails alone', async () => {
  const golden = await bytesOf(await post('/compress', picture(), RAW, CODE))
  let tries = 0
  const always = withModels(bindings, async (models) => {
    tries++
    const { encoder } = await models.load(models.named((await digits()).name))
    new Uint8Array(encoder.input(1).buffer).fill(0xff)
    return encoder.run(1)
  })
  await expect(always).rejects.toThrow()
  expect(tries).toBe(2)
  expect([...(await bytesOf(await post('/compress', picture(), RAW, CODE)))]).toEqual([...golden])
  expect((await call('/health')).status).toBe(200)
})
