import { beforeAll, expect, test } from 'vitest'
import type { CompressResponse, DecompressResponse, ModelList } from '../../../edge/schemas.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/codec/container/base64url.ts'
import { packContainer, unpackContainer } from '../../../shared/codec/container/container.ts'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { decode, hasAlpha } from '../../../shared/preview/preview.ts'
import older from '../../vectors/preview.json' with { type: 'json' }
import {
  bytesOf,
  CODE,
  call,
  compressedPicture,
  digits,
  expectProblem,
  JSON_TYPE,
  picture,
  post,
  postJson,
  RAW,
} from '../call.ts'

let made: CompressResponse

beforeAll(async () => {
  made = await compressedPicture()
})

const codeBytes = () => fromBase64Url(made.code) as Uint8Array<ArrayBuffer>
const rawOf = async (response: Response) => [...(await bytesOf(response))]

test('codes of preview 0, the default before, still give its samples', async () => {
  const { code } = older.find((each) => !hasAlpha(each.code))!
  const { rgba } = decode(code, { width: 32, height: 32 })
  expect(await rawOf(await postJson('/decompress', { code }, RAW))).toEqual([
    ...rgba.filter((_, i) => i % 4 < 3),
  ])
})

test('bytes, JSON code, JSON latent and a form of the code all give the same samples', async () => {
  const samples = await rawOf(await post('/decompress', codeBytes(), CODE, RAW))
  expect(await rawOf(await post('/decompress', codeBytes(), RAW, RAW))).toEqual(samples)
  expect(await rawOf(await postJson('/decompress', { code: made.code }, RAW))).toEqual(samples)
  const latent = { latent: made.latent, model: made.model }
  expect(await rawOf(await postJson('/decompress', latent, RAW))).toEqual(samples)
  const form = new FormData()
  form.append('code', made.code)
  expect(
    await rawOf(await call('/decompress', { method: 'POST', body: form, headers: { accept: RAW } })),
  ).toEqual(samples)
})

test('PNG, the default, holds the same samples as JSON', async () => {
  const json: DecompressResponse = await (await post('/decompress', codeBytes(), CODE, JSON_TYPE)).json()
  expect(json).toMatchObject({ width: 28, height: 28, channels: 1, model: made.model })
  const response = await post('/decompress', codeBytes(), CODE)
  expect(response.headers.get('content-type')).toBe('image/png')
  const shape = { height: 28, width: 28, channels: 1 as const }
  const { samples } = await decodeImage(await bytesOf(response), 'image/png', shape, { maxPixels: 1e6 })
  expect([...samples]).toEqual(json.pixels)
})

test('the error of compress comes back as storedError, the true one only beside an original', async () => {
  const response = await post('/decompress', codeBytes(), CODE, JSON_TYPE)
  const alone: DecompressResponse = await response.json()
  expect(Math.abs(alone.storedError!.psnrDb - made.error.psnrDb)).toBeLessThanOrEqual(0.25 + 1e-9)
  expect(Number(response.headers.get('latent64-stored-psnr'))).toBe(alone.storedError!.psnrDb)
  expect(alone.error).toBeUndefined()
  const form = new FormData()
  form.append('code', new File([codeBytes()], 'code'))
  form.append('original', new File([picture()], 'original'))
  const init = { method: 'POST', body: form, headers: { accept: JSON_TYPE } }
  const both: DecompressResponse = await (await call('/decompress', init)).json()
  expect(both.error).toEqual(made.error)
  expect(both.storedError).toEqual(alone.storedError)
})

test('?width gives a picture of that width in every format', async () => {
  const json: DecompressResponse = await (
    await post('/decompress?width=100', codeBytes(), CODE, JSON_TYPE)
  ).json()
  expect(json).toMatchObject({ width: 100, height: 100, original: { width: 28, height: 28 } })
  expect(json.pixels).toEqual(await rawOf(await post('/decompress?width=100', codeBytes(), CODE, RAW)))
  await expectProblem(await post('/decompress?width=5000', codeBytes(), CODE), 413, 'too-large')
  await expectProblem(await post('/decompress?width=1001', codeBytes(), CODE, JSON_TYPE), 413, 'too-large')
  for (const bad of ['0', '-5', '1e3', '', 'x', '9999999999'])
    await expectProblem(await post(`/decompress?width=${bad}`, codeBytes(), CODE), 400, 'malformed')
})

test('any altered byte is a 400', async () => {
  const code = codeBytes()
  for (let i = 0; i < code.length; i++)
    for (const mask of [0x01, 0x11, 0x80, 0xff]) {
      const altered = code.slice()
      altered[i] ^= mask
      await expectProblem(await post('/decompress', altered, CODE), 400, 'malformed-code')
    }
})

test('a well-formed code of a model that is not served is a 404 that names the model', async () => {
  const { payload } = unpackContainer(codeBytes())
  const { models } = (await (await call('/models')).json()) as ModelList
  const modelId = ['0000', '0001'].find((id) => models.every((model) => model.id !== id))!
  const code = packContainer({ modelId, payload }) as Uint8Array<ArrayBuffer>
  const response = await post('/decompress', code, CODE)
  expect(await response.clone().json()).toMatchObject({ modelId })
  await expectProblem(response, 404, 'unknown-model')
  await expectProblem(await call(`/preview/${toBase64Url(code)}`), 404, 'unknown-model')
})

test('latents of the wrong length, type, size or model are refused', async () => {
  const { name } = await digits()
  const latent = (values: unknown, model: unknown = name) =>
    postJson('/decompress', { latent: values, model })
  await expectProblem(await latent(made.latent!.slice(1)), 422, 'wrong-shape')
  await expectProblem(await latent(made.latent!, 'nope'), 404, 'unknown-model')
  await expectProblem(await latent(made.latent!, 5), 400, 'malformed')
  await expectProblem(await latent(made.latent!.map(() => 1e9)), 400, 'malformed')
  await expectProblem(await latent(made.latent!.map(() => '1')), 400, 'malformed')
  await expectProblem(
    await post('/decompress', `{"latent":[1e999],"model":"${name}"}`, JSON_TYPE),
    400,
    'malformed',
  )
  await expectProblem(await postJson('/decompress', { latent: made.latent! }), 400, 'malformed')
  expect((await latent(made.latent!.map(() => 1e5))).status).toBe(200)
})

test('the response to several codes in a form is a JSON list, and a bad one is named', async () => {
  const form = new FormData()
  for (let i = 0; i < 3; i++) form.append('code', made.code)
  const responses: DecompressResponse[] = await (
    await call('/decompress', { method: 'POST', body: form })
  ).json()
  expect(responses).toHaveLength(3)
  expect(responses[2]).toEqual(responses[0])
  const onlyPng = { method: 'POST', body: form, headers: { accept: 'image/png' } }
  await expectProblem(await call('/decompress', onlyPng), 406, 'not-acceptable')
  form.append('code', toBase64Url(codeBytes().subarray(1)))
  const detail = await expectProblem(
    await call('/decompress', { method: 'POST', body: form }),
    400,
    'malformed-code',
  )
  expect(detail).toContain('code 4')
})
