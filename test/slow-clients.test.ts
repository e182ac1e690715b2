/** Clients that leave or are slow, against the bundle in raw workerd: the memory they held is released. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultWorkerd, prepareWorkerd, type RunningWorkerd, startWorkerd } from '../scripts/workerd.ts'

const PORT = 8331
const RAW = 'application/octet-stream'
/** Room for seven times LARGE. */
const MAX_BYTES_IN_FLIGHT = 4_000_000
const LARGE = 500_000

let dir: string
let server: RunningWorkerd
let code: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'latent64-slow-'))
  const vars = { LOG: 'off', MAX_BYTES_IN_FLIGHT: String(MAX_BYTES_IN_FLIGHT) }
  server = await startWorkerd(await prepareWorkerd({ ...defaultWorkerd, port: PORT, dir, vars }), PORT)
  const response = await post(new Uint8Array(3072).map((_, i) => (i * i) >> 4))
  code = ((await response.json()) as { code: string }).code
})

afterAll(async () => {
  await server?.stop()
  await rm(dir, { recursive: true, force: true })
})

const post = (body: Uint8Array<ArrayBuffer>) =>
  fetch(`${server.url}/compress`, { method: 'POST', body, headers: { 'content-type': RAW } })

async function open(): Promise<Socket> {
  const socket = connect({ port: PORT, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

/** A large body without its last byte. */
async function sendUnfinished(): Promise<Socket> {
  const socket = await open()
  socket.write(
    `POST /compress HTTP/1.1\r\nhost: x\r\ncontent-type: ${RAW}\r\ncontent-length: ${LARGE + 1}\r\n\r\n`,
  )
  socket.write(new Uint8Array(LARGE))
  return socket
}

test('bodies of waiting clients are refused beyond the bound, and those of clients that left are forgotten', async () => {
  const waiting = await Promise.all(Array.from({ length: 12 }, sendUnfinished))
  await sleep(500)
  const refused = await post(new Uint8Array(LARGE))
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('2')
  expect((await post(new Uint8Array(3072))).status).toBe(200)
  for (const socket of waiting) socket.destroy()
  await sleep(500)
  for (let round = 0; round < 4; round++) {
    const left = await Promise.all(Array.from({ length: 6 }, sendUnfinished))
    await sleep(100)
    for (const socket of left) socket.destroy()
  }
  await sleep(500)
  expect((await post(new Uint8Array(LARGE))).status).toBe(422)
})

test('pictures that clients did not wait for do not count forever', async () => {
  for (let i = 0; i < 12; i++) {
    const socket = await open()
    socket.write(`GET /preview/${code}?width=1024 HTTP/1.1\r\nhost: x\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
  }
  await sleep(500)
  expect((await post(new Uint8Array(LARGE))).status).toBe(422)
  const whole = await fetch(`${server.url}/preview/${code}?width=1024`)
  expect((await whole.arrayBuffer()).byteLength).toBe(Number(whole.headers.get('content-length')))
})

test('a body in chunks of a byte each is the body', async () => {
  const socket = await open()
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(
    `POST /compress HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${RAW}\r\ntransfer-encoding: chunked\r\n\r\n`,
  )
  socket.write(Buffer.from('1\r\nx\r\n'.repeat(3072)))
  socket.write('0\r\n\r\n')
  await closed
  expect(Buffer.concat(chunks).toString('latin1', 9, 12)).toBe('200')
})

test('many small bodies that do not end are counted with what the runtime keeps of each: others are refused', async () => {
  const head = `POST /compress HTTP/1.1\r\nhost: x\r\ncontent-type: ${RAW}\r\ncontent-length: 60000\r\n\r\n`
  const received = new Map<Socket, string>()
  const sockets = await Promise.all(Array.from({ length: 60 }, open))
  for (const socket of sockets) {
    socket.on('data', (chunk: Buffer) => received.set(socket, chunk.toString('latin1', 9, 12)))
    socket.write(head)
  }
  await sleep(500)
  for (const socket of sockets) socket.destroy()
  expect([...received.values()].every((status) => status === '503')).toBe(true)
  expect(received.size).toBeGreaterThan(60 - MAX_BYTES_IN_FLIGHT / (100_000 + 2 * 60_000) - 1)
  await sleep(500)
  expect((await post(new Uint8Array(LARGE))).status).toBe(422)
})
