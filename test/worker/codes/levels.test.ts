import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { withModels } from '../../../edge/models/isolate.ts'
import type { Models } from '../../../edge/models/models.ts'
import type { Bindings } from '../../../edge/settings.ts'
import { fromBase64Url } from '../../../shared/codec/container/base64url.ts'
import { bytesOf, CODE, compress, compressedPicture, digits, picture, post, RAW } from '../call.ts'

/** As after a trap: no model is loaded. */
async function freshModels(): Promise<Models> {
  let tries = 0
  return withModels(env as unknown as Bindings, (models) => {
    if (tries++ === 0) throw new WebAssembly.RuntimeError('to get fresh ones')
    return models
  })
}

async function pixelsOf(code: Uint8Array): Promise<number[]> {
  const body = code as Uint8Array<ArrayBuffer>
  return [...(await bytesOf(await post('/decompress', body, CODE, RAW)))]
}

test('the tables of levels other than the default are read when a bound or a code asks for them', async () => {
  const coarse = fromBase64Url((await compress('/compress?maxBytes=12', picture(), RAW)).code)
  const usual = fromBase64Url((await compressedPicture()).code)
  const pixels = await pixelsOf(coarse)
  const models = await freshModels()
  expect((await models.forCode(usual)).entropyModel.isComplete).toBe(false)
  expect((await models.forCode(coarse)).entropyModel.isComplete).toBe(true)
  await freshModels()
  expect(await pixelsOf(coarse)).toEqual(pixels)
})

test('simultaneous requests that need all levels get one model with all of them', async () => {
  const models = await freshModels()
  const manifest = models.named((await digits()).name)
  const loaded = await Promise.all([1, 2, 3].map(() => models.loadComplete(manifest)))
  expect(new Set(loaded).size).toBe(1)
  expect(loaded[0].entropyModel.isComplete).toBe(true)
})
