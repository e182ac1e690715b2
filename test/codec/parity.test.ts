/** Node and workerd, with the bundle that is deployed: the same bytes and pixels, alone and in batches. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { defaultWorkerd, prepareWorkerd, type RunningWorkerd, startWorkerd } from '../../scripts/workerd.ts'
import { type Compressed, compress, compressBatch } from '../../shared/codec/codec.ts'
import { fromBase64Url, toBase64Url } from '../../shared/codec/container/base64url.ts'
import type { Model } from '../../shared/codec/model.ts'
import { mnist } from '../../train/data/mnist.ts'

const PORT = 8340
const COUNT = 100
const { samples } = mnist('test')
const digits = Array.from({ length: COUNT }, (_, i) => samples.slice(784 * i, 784 * (i + 1)))

let dir: string
let server: RunningWorkerd
let model: Model
let inNode: Compressed[]

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latent64-parity-'))
  server = await startWorkerd(await prepareWorkerd({ ...defaultWorkerd, port: PORT, dir }), PORT, {
    logs: false,
  })
  model = await loadModelDirectory(join(defaultWorkerd.models[0], 'mnist'))
  inNode = digits.map((digit) => compress(model, digit))
})

afterAll(async () => {
  await server?.stop()
  await rm(dir, { recursive: true, force: true })
})

async function post(path: string, body: BodyInit, headers: Record<string, string>): Promise<Response> {
  const response = await fetch(server.url + path, { method: 'POST', body, headers })
  expect(response.status).toBe(200)
  return response
}

const RAW = 'application/octet-stream'

test(`${COUNT} digits one by one: the same codes, errors and reconstructions`, async () => {
  for (const [i, digit] of digits.entries()) {
    const headers = { 'content-type': RAW, accept: 'application/vnd.latent64' }
    const response = await post('/compress?model=mnist', digit as Uint8Array<ArrayBuffer>, headers)
    const code = new Uint8Array(await response.arrayBuffer())
    expect(toBase64Url(code)).toBe(toBase64Url(inNode[i].code))
    expect(Number(response.headers.get('latent64-mse'))).toBe(inNode[i].mse)
    const back = await post('/decompress', code, { 'content-type': RAW, accept: RAW })
    expect(toBase64Url(new Uint8Array(await back.arrayBuffer()))).toBe(toBase64Url(inNode[i].samples))
  }
})

test('batches of 64: the same as one by one, in Node and in workerd', async () => {
  const batch = digits.slice(0, 64)
  const form = new FormData()
  for (const digit of batch) form.append('image', new Blob([digit as Uint8Array<ArrayBuffer>]), 'digit')
  const responses = (await (await post('/compress?model=mnist', form, {})).json()) as {
    code: string
    latent: number[]
  }[]
  const together = compressBatch(model, batch)
  for (let i = 0; i < 64; i++) {
    expect(responses[i].code).toBe(toBase64Url(inNode[i].code))
    expect(responses[i].latent).toEqual([...inNode[i].latent])
    expect(toBase64Url(together[i].code)).toBe(responses[i].code)
  }
  const codes = new FormData()
  for (const { code } of responses) codes.append('code', code)
  const pictures = (await (await post('/decompress', codes, {})).json()) as { pixels: number[] }[]
  for (let i = 0; i < 64; i++) expect(pictures[i].pixels).toEqual([...inNode[i].samples])
  expect(fromBase64Url(responses[0].code).length).toBe(inNode[0].bytes.total)
})
