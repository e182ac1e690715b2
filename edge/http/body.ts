import type { ServiceContext } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { FORM_TYPE, JSON_TYPE, mediaTypeOf } from './media-type.ts'
import { Problem } from './problem.ts'

export interface Body {
  bytes: Uint8Array
  /** As in the header. */
  contentType: string | null
  /** `contentType` without its parameters, lower case; '' where there is none. */
  type: string
}

/** The body, within the limits of wrangler.toml. Throws 413, before reading where the length is announced. */
export async function readBody(c: ServiceContext): Promise<Body> {
  const record = c.get('record')
  const settings = settingsOf(c.env)
  const contentType = c.req.raw.headers.get('content-type')
  const type = mediaTypeOf(contentType)
  const startedMs = performance.now()
  const maxBytes = type === JSON_TYPE ? settings.maxJsonBytes : settings.maxBodyBytes
  try {
    const bytes = await readBytes(c.req.raw, maxBytes, settings.readTimeoutSeconds)
    record.readMs = performance.now() - startedMs
    record.bytesIn = bytes.length
    return { bytes, contentType, type }
  } catch (error) {
    if (error instanceof Problem) throw error
    // A client that leaves, or whose chunks are malformed, makes the runtime's read fail: no fault of the service.
    throw new Problem('malformed', 'the body is malformed or broke off before its end')
  }
}

export const isForm = (c: ServiceContext) => mediaTypeOf(c.req.raw.headers.get('content-type')) === FORM_TYPE

async function readBytes(request: Request, maxBytes: number, seconds: number): Promise<Uint8Array> {
  if (request.headers.has('content-encoding'))
    throw new Problem('unsupported-type', 'a body with Content-Encoding is not accepted: send it as it is')
  const announced = request.headers.get('content-length')
  if (announced !== null) {
    const length = Number(announced)
    if (length > maxBytes) throw tooLarge(maxBytes, length)
    return readAnnounced(request, seconds)
  }
  return request.body === null ? new Uint8Array(0) : readStream(request.body, maxBytes, seconds)
}

function tooLarge(maxBytes: number, got?: number): Problem {
  const detail = `a body of this type may have up to ${maxBytes} bytes, this one has ${got ?? 'more'}`
  return new Problem('too-large', detail, { maxBytes })
}

/** The runtime holds a body to its announced length, and gathers it without garbage of ours: 10 MB stay 10 MB. */
async function readAnnounced(request: Request, seconds: number): Promise<Uint8Array> {
  return new Uint8Array(await within(seconds, request.arrayBuffer()))
}

async function readStream(stream: ReadableStream, maxBytes: number, seconds: number): Promise<Uint8Array> {
  const reader = (stream as ReadableStream<Uint8Array>).getReader()
  try {
    return await within(seconds, gather(reader, maxBytes))
  } catch (error) {
    reader.cancel().catch(() => undefined) // the client may already be gone
    throw error
  }
}

async function gather(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return join(chunks, length)
    length += value.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(value)
  }
}

/** Like Promise.race() with a timer, for which it takes two promises less: every small request feels those. */
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

function join(chunks: Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
