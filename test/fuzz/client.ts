/** Sends one request in its own way: at once, in chunks, slowly, or incompletely. */
import { Agent, type ClientRequest, request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostileRequest } from './hostile-request.ts'
import type { Random } from './random.ts'

/** A response that takes longer counts as a hang. */
const HANG_MS = 20_000

interface FuzzResponse {
  status: number
  type: string
  body: Buffer
}

/** `closed`: the server closed the connection without a response. */
export type Outcome = FuzzResponse | 'aborted' | 'closed' | 'hung'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export async function send(origin: string, hostile: HostileRequest, random: Random): Promise<Outcome> {
  const outcome = await sendOnce(origin, hostile, random, agent)
  // The server may end a kept connection just as the next request goes out on it: that is not a refusal.
  if (outcome !== 'stale') return outcome
  const again = await sendOnce(origin, hostile, random, new Agent())
  return again === 'stale' ? 'closed' : again
}

function sendOnce(
  origin: string,
  hostile: HostileRequest,
  random: Random,
  through: Agent,
): Promise<Outcome | 'stale'> {
  const { method, path, headers, body, delivery } = hostile
  const pieces = delivery === 'whole' ? [body] : cut(body, random)
  const length =
    delivery === 'chunked' || delivery === 'slow' ? {} : { 'content-length': String(body.length) }
  return new Promise((resolve) => {
    let request: ClientRequest
    const url = new URL(origin)
    const target = { host: url.hostname, port: url.port, method, path, agent: through }
    try {
      request = httpRequest({ ...target, headers: { ...headers, ...(body.length > 0 ? length : {}) } })
    } catch {
      resolve('aborted') // Node itself refuses to send such a header
      return
    }
    const hang = setTimeout(() => settle('hung'), HANG_MS)
    const settle = (outcome: Outcome | 'stale'): void => {
      clearTimeout(hang)
      if (typeof outcome === 'string') request.destroy()
      resolve(outcome)
    }
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => settle('closed'))
      response.on('end', () => {
        const type = response.headers['content-type'] ?? ''
        settle({ status: response.statusCode!, type, body: Buffer.concat(chunks) })
      })
    })
    request.on('error', () => {
      if (delivery === 'aborted') settle('aborted')
      else settle(request.reusedSocket && through === agent ? 'stale' : 'closed')
    })
    write(request, pieces, delivery, settle)
  })
}

function cut(body: Uint8Array, random: Random): Uint8Array[] {
  const size = Math.max(1, Math.ceil(body.length / (2 + random.below(6))))
  return Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
    body.subarray(i * size, (i + 1) * size),
  )
}

async function write(
  request: ClientRequest,
  pieces: Uint8Array[],
  delivery: HostileRequest['delivery'],
  settle: (outcome: Outcome) => void,
): Promise<void> {
  if (delivery === 'aborted' && pieces.length > 0) {
    for (const piece of pieces.slice(0, -1)) request.write(piece)
    await sleep(5)
    settle('aborted')
    return
  }
  for (const piece of pieces) {
    if (delivery === 'slow') await sleep(80)
    if (request.destroyed) return
    request.write(piece)
  }
  request.end()
}
