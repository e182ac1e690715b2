/** The service over real HTTP: the bundle that is deployed, in raw workerd, with fetch and curl as clients. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAssets } from '../scripts/build-assets.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { defaultWorkerd, prepareWorkerd, type RunningWorkerd, startWorkerd } from '../scripts/workerd.ts'
import { MODEL_PATHS, modelId } from '../shared/manifest.ts'
import { mnist } from '../train/data/mnist.ts'

const PORT = 8330
const CODE = 'application/vnd.latent64'
const RAW = 'application/octet-stream'
const digit = mnist('test').samples.slice(0, 784)

let dir: string
let config: string
let old: string
let server: RunningWorkerd

/** A model of the digits' shape; `retrained` gives it other weights, and so another id. */
async function makeModel(name: string, created: string, retrained: boolean): Promise<string> {
  const parent = join(dir, name)
  const directory = join(parent, name)
  await mkdir(directory, { recursive: true })
  await cp(join(TEST_MODELS, 'mnist'), directory, { recursive: true })
  const read = (path: string) => readFile(join(directory, path))
  const weights = await read(MODEL_PATHS.decoder.weights)
  if (retrained) weights[1000] ^= 1
  await writeFile(join(directory, MODEL_PATHS.decoder.weights), weights)
  const topology = JSON.parse((await read(MODEL_PATHS.decoder.topology)).toString())
  const manifest = JSON.parse((await read(MODEL_PATHS.manifest)).toString())
  const id = modelId({ tables: await read(MODEL_PATHS.tables), decoder: { topology, weights } }, manifest)
  await writeFile(join(directory, MODEL_PATHS.manifest), JSON.stringify({ ...manifest, name, id, created }))
  const record = {
    data: '/home/someone/secret project/images',
    seed: 1,
    parts: [{ from: 'C:\\Users\\x\\model' }],
  }
  await writeFile(join(directory, MODEL_PATHS.record), JSON.stringify(record))
  return parent
}

const serve = async () => startWorkerd(config, PORT, { logs: false })
const restartWith = async (models: string[]) => {
  await server.stop()
  await buildAssets({ models, out: join(dir, 'assets') })
  server = await serve()
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latent64-http-'))
  old = await makeModel('mnist-old', '2020-01-01T00:00:00.000Z', false)
  const vars = { READ_TIMEOUT_SECONDS: '5' }
  config = await prepareWorkerd({ ...defaultWorkerd, port: PORT, models: [old], dir, vars })
  server = await serve()
})

afterAll(async () => {
  await server?.stop()
  await rm(dir, { recursive: true, force: true })
})

async function send(
  path: string,
  body: Uint8Array | string,
  type: string,
  accept?: string,
): Promise<Response> {
  const headers = { 'content-type': type, ...(accept !== undefined && { accept }) }
  return fetch(server.url + path, { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers })
}

async function bytes(response: Response): Promise<Uint8Array> {
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

test('a code made before a restart decompresses to the same samples after it, even once a newer model is shipped', async () => {
  const response = await send('/compress', digit, RAW, CODE)
  expect(response.headers.get('latent64-model')).toBe('mnist-old')
  const code = await bytes(response)
  const before = await bytes(await send('/decompress', code, CODE, RAW))
  let sum = 0
  for (const [i, sample] of digit.entries()) sum += ((sample - before[i]) / 255) ** 2
  expect(Math.abs(Number(response.headers.get('latent64-mse')) / (sum / 784) - 1)).toBeLessThanOrEqual(1e-6)

  await restartWith([old])
  expect([...(await bytes(await send('/decompress', code, CODE, RAW)))]).toEqual([...before])

  await restartWith([await makeModel('mnist-new', '2026-01-01T00:00:00.000Z', true), old])
  const renewed = await send('/compress', digit, RAW, CODE)
  expect(renewed.headers.get('latent64-model')).toBe('mnist-new')
  const back = await send('/decompress', code, CODE, RAW)
  expect(back.headers.get('latent64-model')).toBe('mnist-old')
  expect([...(await bytes(back))]).toEqual([...before])
})

test('curl sends a picture and receives its code, sends the code and receives the picture', async () => {
  const file = (name: string) => join(dir, name)
  const curl = (...args: string[]) => execFileSync('curl', ['-sS', '--fail', '-m', '10', ...args])
  await writeFile(file('digit.raw'), digit)
  const type = `content-type: ${RAW}`
  const input = `@${file('digit.raw')}`
  curl(
    '--data-binary',
    input,
    '-H',
    type,
    '-H',
    `accept: ${CODE}`,
    `${server.url}/compress`,
    '-o',
    file('digit.l64'),
  )
  const viaFetch = await bytes(await send('/compress', digit, RAW, CODE))
  expect([...(await readFile(file('digit.l64')))]).toEqual([...viaFetch])
  const png = curl(
    '--data-binary',
    `@${file('digit.l64')}`,
    '-H',
    `content-type: ${CODE}`,
    `${server.url}/decompress`,
  )
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  const form = JSON.parse(
    curl('-F', `image=${input}`, '-F', `image=${input}`, `${server.url}/compress`).toString(),
  )
  expect(form).toHaveLength(2)
  const chunked = [
    '--data-binary',
    input,
    '-H',
    'transfer-encoding: chunked',
    '-H',
    type,
    '-H',
    `accept: ${CODE}`,
  ]
  expect([...curl(...chunked, `${server.url}/compress`)]).toEqual([...viaFetch])
})

test('clients that send half a request and go away leave the service as it was', async () => {
  const half = 'POST /compress HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n'
  for (let i = 0; i < 50; i++) {
    const socket = connect(PORT, '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    socket.write(`${half}content-length: ${i % 2 ? 784 : 200_000}\r\n\r\n${'x'.repeat(300)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    socket.destroy()
  }
  expect((await send('/compress', digit, RAW, CODE)).status).toBe(200)
})

/** What comes back when `head` and `body` go out as they stand; nothing ends the body. */
async function sendPlain(head: string, body: string): Promise<{ status: number; text: string }> {
  const socket = connect(PORT, '127.0.0.1')
  socket.write(`${head}\r\n\r\n${body}`)
  const [response] = await once(socket, 'data')
  socket.destroy()
  const text = String(response)
  return { status: Number(text.slice(9, 12)), text }
}

test('a body that does not arrive, of few bytes or many, is a 408; one with malformed chunks is a 400', async () => {
  const post = `POST /compress HTTP/1.1\r\nhost: x\r\ncontent-type: ${RAW}`
  const late = async (length: string, body: string) => {
    const { status, text } = await sendPlain(`${post}\r\n${length}`, body)
    expect([length, status]).toEqual([length, 408])
    expect(text).toContain('the body did not end within 5 s')
  }
  await Promise.all([
    late('content-length: 784', 'ab'),
    late('content-length: 200000', 'ab'),
    late('transfer-encoding: chunked', '2\r\nab\r\n'),
  ])
  expect((await sendPlain(`${post}\r\ntransfer-encoding: chunked`, 'no number\r\n')).status).toBe(400)
})

test('an invalid Host header is the client’s fault', async () => {
  for (const path of ['/', '/nope', '/models', '/preview/AAAA'])
    for (const host of ['a b', '[::1', 'a:99999', '%', 'a/b?c']) {
      const { status } = await sendPlain(`GET ${path} HTTP/1.1\r\nhost: ${host}`, '')
      expect(status, `${path} at ${host}`).toBeLessThan(500)
    }
})

test('no directory of the assets is listed, however its path is written', async () => {
  for (const path of ['/..', '/static/..', '/static/%2e%2e', '/static/page/.', '/static', '/static/page']) {
    const { status, text } = await sendPlain(`GET ${path} HTTP/1.1\r\nhost: x`, '')
    expect([path, status === 404 || text.includes('text/html')]).toEqual([path, true])
  }
})

test('the public record of a model holds no local path', async () => {
  const response = await fetch(`${server.url}/static/models/mnist-old/record.json`)
  expect(await response.json()).toEqual({ data: 'images', seed: 1, parts: [{ from: 'model' }] })
})

test('files whose names hold a hash of their content are immutable for a year, others are revalidated', async () => {
  const script = await (await fetch(`${server.url}/static/page/lab.js`)).text()
  const [chunk] = /chunk-\w+\.js/.exec(script)!
  const cacheControl = async (path: string) => (await fetch(server.url + path)).headers.get('cache-control')
  expect(await cacheControl(`/static/page/${chunk}`)).toBe('public, max-age=31536000, immutable')
  for (const path of ['/', '/static/page/lab.js', '/static/models/index.json'])
    expect([path, await cacheControl(path)]).toEqual([path, 'public, max-age=0, must-revalidate'])
})

test('200 requests at once, the first ones before any model is loaded, all get the same code', async () => {
  await server.stop()
  server = await serve()
  const codes = await Promise.all(
    Array.from({ length: 200 }, async () =>
      (await bytes(await send('/compress', digit, RAW, CODE))).toString(),
    ),
  )
  expect(new Set(codes).size).toBe(1)
})
