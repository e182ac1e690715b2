/** Clients that send or read slowly, and many of them at once. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorstCase } from './worst-case.ts'

/** How long the clients wait: less than the service's read timeout. */
const WATCHED_MS = 4000
const RAW = 'application/octet-stream'

export function slowCases(code: () => string): WorstCase[] {
  type Run = (port: number) => Promise<number[]>
  const slow = (name: string, clients: number, expected: number[], make: () => Run): WorstCase => ({
    ...{ kind: 'slow clients', name, clients, expected },
    prepare: async () => make(),
  })
  const preview = () => `GET /preview/${code()}?width=1024 HTTP/1.1\r\nhost: x\r\n\r\n`
  return [
    slow('a body of 200,000 chunks of a byte', 1, [422], () => (port) => oneByteChunks(port, 200_000)),
    slow('40 bodies of 10 MB, unfinished', 40, [0, 503], () => (port) => unfinished(port, 40, 9_999_999)),
    slow(
      '1,000 bodies of 60 kB that never arrive',
      1000,
      [0, 503],
      () => (port) => unfinished(port, 1000, 0, 60_000),
    ),
    slow('1,000 bodies of 60 kB, unfinished', 1000, [0, 503], () => (port) => unfinished(port, 1000, 60_000)),
    slow('100 previews 1,024 wide, not taken', 100, [200, 503], () => {
      const request = preview()
      return (port) => untaken(port, 100, request)
    }),
  ]
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve).once('error', resolve))
  return socket
}

const head = (path: string, more: string) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${RAW}\r\nconnection: close\r\n${more}\r\n\r\n`

/** The status in the first bytes of a response; 0 if nothing came. */
const statusOf = (received: Buffer[]) => Number(Buffer.concat(received).toString('latin1', 9, 12))

async function oneByteChunks(port: number, count: number): Promise<number[]> {
  const socket = await open(port)
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(head('/compress', 'transfer-encoding: chunked'))
  const chunk = Buffer.from('1\r\nx\r\n'.repeat(100))
  for (let sent = 0; sent < count; sent += 100)
    if (!socket.write(chunk))
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
  socket.write('0\r\n\r\n')
  await closed
  return [statusOf(received)]
}

/** Sends all but the last byte, and then nothing. */
async function unfinished(
  port: number,
  clients: number,
  bytes: number,
  announced = bytes + 1,
): Promise<number[]> {
  const body = Buffer.alloc(bytes)
  const received = Array.from({ length: clients }, (): Buffer[] => [])
  const sockets = await Promise.all(received.map(() => open(port)))
  for (const [i, socket] of sockets.entries()) {
    socket.on('data', (chunk: Buffer) => received[i].push(chunk))
    socket.write(head('/compress', `content-length: ${announced}`))
    socket.write(body)
  }
  await sleep(WATCHED_MS)
  for (const socket of sockets) socket.destroy()
  return received.map(statusOf)
}

/** Reads the first bytes of each response, and then no more. */
async function untaken(port: number, clients: number, request: string): Promise<number[]> {
  const sockets: Socket[] = []
  const statuses: number[] = []
  for (let i = 0; i < clients; i++) {
    const socket = await open(port)
    sockets.push(socket)
    socket.write(request)
    const chunk = await new Promise<Buffer>((resolve) =>
      socket.once('data', resolve).once('close', () => resolve(Buffer.alloc(0))),
    )
    socket.pause()
    statuses.push(statusOf([chunk]))
  }
  await sleep(WATCHED_MS / 4)
  for (const socket of sockets) socket.destroy()
  return statuses
}
