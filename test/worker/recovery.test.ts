import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { withModels } from '../../edge/models/isolate.ts'
import type { Models } from '../../edge/models/models.ts'
import type { Bindings } from '../../edge/settings.ts'
import { bytesOf, CODE, call, digits, picture, post, RAW } from './call.ts'

const bindings = env as unknown as Bindings

/** Overwrites all of the kernels' memory and asks for more of it: the allocator traps on what it finds. */
async function trap(models: Models): Promise<never> {
  const { encoder } = await models.load(models.named((await digits()).name))
  new Uint8Array(encoder.input(1).buffer).fill(0xff)
  encoder.run(1000)
  throw new Error('nothing trapped')
}

test('a trap inside the wasm kernels: the request still succeeds, with fresh kernels', async () => {
  const golden = await bytesOf(await post('/compress', picture(), RAW, CODE))
  const seen: Models[] = []
  await withModels(bindings, (models) => (seen.push(models) === 1 ? trap(models) : models))
  expect(seen.length).toBe(2)
  expect(seen[1]).not.toBe(seen[0])
  const after = await post('/compress', picture(), RAW, CODE)
  expect([...(await bytesOf(after))]).toEqual([...golden])
})

test('a request that traps every time fails alone', async () => {
  const golden = await bytesOf(await post('/compress', picture(), RAW, CODE))
  let tries = 0
  const always = withModels(bindings, async (models) => {
    tries++
    return trap(models)
  })
  await expect(always).rejects.not.toThrow('nothing trapped')
  expect(tries).toBe(2)
  expect([...(await bytesOf(await post('/compress', picture(), RAW, CODE)))]).toEqual([...golden])
  expect((await call('/health')).status).toBe(200)
})
