/** The page, the docs and the models' files: static assets behind the worker. */
import { getMimeType } from 'hono/utils/mime'
import { Problem } from '../http/problem.ts'
import type { ServiceContext } from '../service-env.ts'

const PAGES: Record<string, string> = {
  '/': '/index.html',
  '/lab': '/lab.html',
  '/docs': '/docs.html',
  '/openapi.json': '/openapi.json',
}

/** URLs without a file extension. */
export const PAGE_PATHS = Object.keys(PAGES)

/** A bundler's name with a hash of the content: chunk-7QJ4KX2A.js */
const HASHED = /-[0-9A-Z]{8}\.\w+(\.map)?$/

export async function assetRoute(c: ServiceContext): Promise<Response> {
  const url = new URL('https://assets.invalid')
  url.pathname = PAGES[c.req.path] ?? c.req.path // not new URL(path, base): the path // would be another host
  const path = url.pathname // without dots: /.. is the root
  const { headers, method } = c.req.raw
  const response = await c.env.ASSETS.fetch(url, { method, headers: conditional(headers) })
  const isFile = response.ok || response.status === 304
  if (!isFile || isListing(path)) {
    await response.body?.cancel()
    throw new Problem('not-found', 'there is no such file')
  }
  const copy = new Response(response.body, response)
  const type = getMimeType(path) // for a workerd whose asset service is a plain directory and knows no media types
  if (type !== undefined && response.status !== 304) copy.headers.set('content-type', type)
  copy.headers.set('cache-control', HASHED.test(path) ? IMMUTABLE : 'public, max-age=0, must-revalidate')
  return copy
}

const IMMUTABLE = 'public, max-age=31536000, immutable'

const isListing = (path: string) => !path.slice(path.lastIndexOf('/')).includes('.')

function conditional(headers: Headers): Headers {
  const kept = new Headers()
  for (const name of ['if-none-match', 'if-modified-since', 'accept-encoding']) {
    const value = headers.get(name)
    if (value !== null) kept.set(name, value)
  }
  return kept
}
