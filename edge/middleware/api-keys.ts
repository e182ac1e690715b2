import type { MiddlewareHandler, Next } from 'hono'
import { Problem } from '../http/problem.ts'
import { log } from '../log.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import type { Bindings } from '../settings.ts'

interface ApiKey {
  name: string
  digest: ArrayBuffer
}

let cached: { text: string | undefined; keys: ApiKey[] | undefined } | undefined

/** `Authorization: Bearer KEY`, where the secret API_KEYS is set. Without it the service is open. */
export const apiKeys: MiddlewareHandler<ServiceEnv> = (c, next) => {
  const isRead = cached !== undefined && cached.text === c.env.API_KEYS
  return isRead && cached!.keys === undefined ? next() : checkKey(c, next)
}

/** Before apiKeys, for what must not be open: without the secret API_KEYS nobody gets in. */
export const keysNeeded: MiddlewareHandler<ServiceEnv> = (c, next) => {
  if (c.env.API_KEYS) return next()
  throw unauthorized(
    'this is behind API keys, and the service has none: set API_KEYS',
    'Bearer realm="latent64"',
  )
}

async function checkKey(c: ServiceContext, next: Next): Promise<void> {
  if (cached === undefined || cached.text !== c.env.API_KEYS) cached = await readKeys(c.env)
  if (cached.keys !== undefined) {
    const header = c.req.raw.headers.get('authorization')
    c.get('record').client = await authenticate(header, cached.keys)
  }
  await next()
}

async function readKeys({ API_KEYS: text }: Bindings): Promise<NonNullable<typeof cached>> {
  if (!text) {
    log({ event: 'open', message: 'API_KEYS is not set: anyone may compress, without a rate limit' })
    return { text, keys: undefined }
  }
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter(Boolean)
  const keys = await Promise.all(
    pairs.map(async (pair, i) => {
      const colon = pair.indexOf(':')
      const name = colon > 0 ? pair.slice(0, colon) : `key-${i + 1}`
      return { name, digest: await digest(pair.slice(colon + 1)) }
    }),
  )
  return { text, keys }
}

/** The name of the key. Digests of one length are compared, all of them, so that time tells nothing about a key. */
async function authenticate(header: string | null, keys: ApiKey[]): Promise<string> {
  const token = header === null ? undefined : /^bearer +([^\s]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw unauthorized('send `Authorization: Bearer KEY`', 'Bearer realm="latent64"')
  const given = await digest(token)
  let name: string | undefined
  for (const key of keys) if (crypto.subtle.timingSafeEqual(given, key.digest)) name = key.name
  if (name === undefined)
    throw unauthorized('the API key is not known here', 'Bearer realm="latent64", error="invalid_token"')
  return name
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, {}, { 'www-authenticate': challenge })
}

const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
