/** A request's body, within the limits of wrangler.toml: its length, its time, and the isolate's memory. */
import type { ServiceContext } from '../service-env.ts'
import { type Hold, SMALL_BYTES } from './bytes-in-flight.ts'
import { FORM_TYPE, JSON_TYPE, mediaTypeOf } from './media-type.ts'
import { Problem } from './problem.ts'

/** Up to this size arrayBuffer() takes the least CPU, and a slow body buffered by the runtime is small. */
const TINY_BYTES = 8192
/** What workerd keeps of a request that is being read, with its connection. */
const REQUEST_BYTES = 100_000

export interface Body {
  bytes: Uint8Array
  /** The header as it was sent. */
  contentType: string | null
  /** `contentType` without its parameters, lower case; '' if there is none. */
  type: string
}

export const isForm = (c: ServiceContext) => mediaTypeOf(c.req.raw.headers.get('content-type')) === FORM_TYPE

/** Throws 413, before anything is read if the length is announced; 408, 415 and 503. */
export async function readBody(c: ServiceContext): Promise<Body> {
  const record = c.get('record')
  const settings = c.get('settings')
  const contentType = c.req.raw.headers.get('content-type')
  const type = mediaTypeOf(contentType)
  const startedMs = performance.now()
  const maxBytes = type === JSON_TYPE ? settings.maxJsonBytes : settings.maxBodyBytes
  try {
    const bytes = await readBytes(c.req.raw, maxBytes, settings.readTimeoutSeconds, record.hold(settings))
    record.readMs = performance.now() - startedMs
    record.bytesIn = bytes.length
    return { bytes, contentType, type }
  } catch (error) {
    if (error instanceof Problem) throw error
    // The runtime's read fails if the client leaves or sends malformed chunks, which is not the service's fault.
    throw new Problem('malformed', 'the body is malformed or ended early')
  }
}

async function readBytes(
  request: Request,
  maxBytes: number,
  seconds: number,
  hold: Hold,
): Promise<Uint8Array> {
  checkEncoding(request.headers.get('content-encoding'))
  const announced = request.headers.get('content-length')
  const length = announced === null ? undefined : Number(announced)
  if (length !== undefined && length > maxBytes) throw bodyTooLarge(maxBytes, length)
  if (length !== undefined && length <= TINY_BYTES) {
    hold.grow(length)
    return new Uint8Array(await within(seconds, request.arrayBuffer()))
  }
  if (request.body === null) return new Uint8Array(0)
  return readStream(request.body, length ?? maxBytes, seconds, hold)
}

/** RFC 9110, section 8.4.1: identity is not an encoding. 415 says what is accepted (section 15.5.16). */
function checkEncoding(header: string | null): void {
  if (header === null || header.split(',').every((coding) => /^\s*(identity)?\s*$/i.test(coding))) return
  const detail = 'a body with a Content-Encoding is not accepted: send it as it is'
  throw new Problem('unsupported-type', detail, {}, { 'accept-encoding': 'identity' })
}

/** maxBytes: the announced length, or the limit. Throws 413 if there are more, 503 if the isolate has no room for them. */
async function readStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  seconds: number,
  hold: Hold,
): Promise<Uint8Array> {
  const reader = stream.getReader({ mode: 'byob' })
  const pieces: Piece[] = []
  try {
    await within(seconds, readPieces(reader, pieces, maxBytes, hold))
    return pieces.length === 1 ? pieces[0] : join(pieces)
  } catch (error) {
    for (const piece of pieces) free(piece)
    reader.cancel().catch(() => undefined) // the client may already be gone
    throw error
  }
}

type Piece = Uint8Array<ArrayBuffer>

/** Pieces are full: a buffer for each chunk would cost a client that sends single bytes nothing, and us 5 kB each. */
async function readPieces(
  reader: ReadableStreamBYOBReader,
  pieces: Piece[],
  maxBytes: number,
  hold: Hold,
): Promise<void> {
  const pieceBytes = Math.min(SMALL_BYTES, maxBytes)
  hold.grow(0, REQUEST_BYTES + pieceBytes) // workerd has a copy of the piece that is being filled
  let readBytes = 0
  for (;;) {
    hold.grow(pieceBytes)
    const { done, value } = await reader.readAtLeast(pieceBytes, new Uint8Array(pieceBytes))
    if (value !== undefined && value.length > 0) pieces.push(value as Piece)
    readBytes += value?.length ?? 0
    if (readBytes > maxBytes) throw bodyTooLarge(maxBytes)
    if (done) return
  }
}

function join(pieces: Piece[]): Uint8Array {
  const body = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    body.set(piece, at)
    at += piece.length
    free(piece)
  }
  return body
}

/** Now, not when the garbage collector comes. */
const free = (piece: Piece) => piece.buffer.transfer(0)

function bodyTooLarge(maxBytes: number, got?: number): Problem {
  const detail = `a body of this type may have up to ${maxBytes} bytes, this one has ${got ?? 'more'}`
  return new Problem('too-large', detail, { maxBytes })
}

/** Like Promise.race() with a timer, but with two promises fewer, which every small request would pay for. */
function within<T>(seconds: number, reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Problem('read-timeout', `the body did not end within ${seconds} s`))
    const timer = setTimeout(late, 1000 * seconds)
    reading.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
