/** The page, the docs and the models' files: static assets behind the worker. */
import { Problem } from '../http/problem.ts'
import type { ServiceContext } from '../service-env.ts'

const PAGES: Record<string, string> = {
  '/': '/index.html',
  '/docs': '/docs.html',
  '/openapi.json': '/openapi.json',
}

/** For a workerd whose asset service is a plain directory and knows no media types. */
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  wasm: 'application/wasm',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
}

export const isPage = (path: string) => Object.hasOwn(PAGES, path)

export async function assetRoute(c: ServiceContext): Promise<Response> {
  const url = new URL('https://assets.invalid')
  url.pathname = PAGES[c.req.path] ?? c.req.path // not new URL(path, base): the path // would be another host
  const path = url.pathname // without dots: /.. is the root
  const { headers, method } = c.req.raw
  const response = await c.env.ASSETS.fetch(url, { method, headers: conditional(headers) })
  const isFile = response.ok || response.status === 304
  if (!isFile || isListing(path)) {
    await response.body?.cancel()
    throw new Problem('not-found', 'neither a route of the service nor a file of the page')
  }
  const copy = new Response(response.body, response)
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
  if (type !== undefined && response.status !== 304) copy.headers.set('content-type', type)
  if (!copy.headers.has('cache-control'))
    copy.headers.set('cache-control', 'public, max-age=0, must-revalidate')
  return copy
}

const isListing = (path: string) => !path.slice(path.lastIndexOf('/')).includes('.')

function conditional(headers: Headers): Headers {
  const kept = new Headers()
  for (const name of ['if-none-match', 'if-modified-since', 'accept-encoding']) {
    const value = headers.get(name)
    if (value !== null) kept.set(name, value)
  }
  return kept
}
