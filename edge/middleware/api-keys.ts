import type { MiddlewareHandler, Next } from 'hono'
import { Problem } from '../http/problem.ts'
import { log } from '../log.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import type { Bindings } from '../settings.ts'
import { chargeFailedKey, checkFailedKeys } from './rate-limit.ts'

interface ApiKey {
  name: string
  digest: ArrayBuffer
}

let cached: { text: string | undefined; keys: ApiKey[] | undefined } | undefined

/** Requires `Authorization: Bearer KEY` if the secret API_KEYS is set. Without the secret the service is open. */
export const apiKeys: MiddlewareHandler<ServiceEnv> = (c, next) => {
  const isOpen = cached !== undefined && cached.text === c.env.API_KEYS && cached.keys === undefined
  return isOpen ? next() : checkKey(c, next)
}

/** Comes before apiKeys on routes that must never be open: without the secret API_KEYS they refuse everyone. */
export const keysNeeded: MiddlewareHandler<ServiceEnv> = (c, next) => {
  if (c.env.API_KEYS) return next()
  throw unauthorized(
    'this needs an API key, and the service has no keys: set API_KEYS',
    'Bearer realm="latent64"',
  )
}

/** Checks a key if one is sent: known clients may ask for more. */
export const optionalKey: MiddlewareHandler<ServiceEnv> = (c, next) =>
  c.req.raw.headers.has('authorization') ? apiKeys(c, next) : next()

async function checkKey(c: ServiceContext, next: Next): Promise<void> {
  if (cached === undefined || cached.text !== c.env.API_KEYS) cached = await readKeys(c.env)
  if (cached.keys !== undefined) await authenticate(c, cached.keys)
  await next()
}

async function readKeys({ API_KEYS: text }: Bindings): Promise<NonNullable<typeof cached>> {
  if (!text) {
    log({ event: 'open', message: 'API_KEYS is not set: anyone may compress' })
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

/** Compares with all keys, by digests of equal length, so that timing reveals nothing about a key. */
async function authenticate(c: ServiceContext, keys: ApiKey[]): Promise<void> {
  const header = c.req.raw.headers.get('authorization')
  const token = header === null ? undefined : /^bearer +([^\s]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw unauthorized('send `Authorization: Bearer KEY`', 'Bearer realm="latent64"')
  checkFailedKeys(c)
  const given = await digest(token)
  let name: string | undefined
  for (const key of keys) if (crypto.subtle.timingSafeEqual(given, key.digest)) name = key.name
  if (name === undefined) {
    chargeFailedKey(c)
    throw unauthorized('the API key is not valid', 'Bearer realm="latent64", error="invalid_token"')
  }
  c.get('record').client = name
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, {}, { 'www-authenticate': challenge })
}

const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
