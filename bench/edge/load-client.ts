/**
 * Keep-alive clients in a separate process, so that only the server is measured: raw sockets, each with one request in
 * flight. The parent process says what to send and how often; see load.ts.
 */
import { connect, type Socket } from 'node:net'

export interface LoadOrder {
  port: number
  connections: number
  /** Whole HTTP requests in base64, sent in turn. */
  requests: string[]
  count: number
  /** Send every response back, in order of the requests (then `count` is their number). */
  collect: boolean
}

export interface LoadResponse {
  status: number
  headers: Record<string, string>
  body: string // base64
}

export interface LoadReport {
  responses: LoadResponse[]
  /** Responses whose status was not 200. */
  failures: number
  wallMs: number
}

let sockets: Socket[] = []

process.on('message', async (order: LoadOrder) => {
  const report = await send(order).catch((error: Error) => ({ error: error.message }))
  process.send!(report)
})

async function send({ port, connections, requests, count, collect }: LoadOrder): Promise<LoadReport> {
  while (sockets.length < connections) sockets.push(connect({ port, host: '127.0.0.1', noDelay: true }))
  const buffers = requests.map((request) => Buffer.from(request, 'base64'))
  const report: LoadReport = { responses: [], failures: 0, wallMs: 0 }
  let next = 0
  const startMs = performance.now()
  const work = async (socket: Socket) => {
    while (next < count) {
      const i = next++
      const response = await exchange(socket, buffers[i % buffers.length], collect)
      if (response.status !== 200) report.failures++
      if (collect) report.responses[i] = response
    }
  }
  try {
    await Promise.all(sockets.map(work))
  } catch (error) {
    for (const socket of sockets) socket.destroy()
    sockets = []
    throw error
  }
  return { ...report, wallMs: performance.now() - startMs }
}

function exchange(socket: Socket, request: Buffer, collect: boolean): Promise<LoadResponse> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0)
    const finish = (settle: () => void) => {
      socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close')
      settle()
    }
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const end = endOfResponse(received)
      if (end !== undefined)
        finish(() =>
          resolve(collect ? parse(received) : { status: statusOf(received), headers: {}, body: '' }),
        )
    })
    socket.on('error', (error) => finish(() => reject(error)))
    socket.on('close', () => finish(() => reject(new Error('the server closed a connection'))))
    socket.write(request)
  })
}

const statusOf = (received: Buffer) => Number(received.toString('latin1', 9, 12))

/** Where the response ends, once all of it has arrived. workerd sends Content-Length for every body whose length it knows. */
function endOfResponse(received: Buffer): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = received.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (!length) throw new Error(`a response without Content-Length:\n${head}`)
  const end = headEnd + 4 + Number(length[1])
  return received.length >= end ? end : undefined
}

function parse(received: Buffer): LoadResponse {
  const headEnd = received.indexOf('\r\n\r\n')
  const lines = received.toString('latin1', 0, headEnd).split('\r\n').slice(1)
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { status: statusOf(received), headers, body: received.toString('base64', headEnd + 4) }
}
