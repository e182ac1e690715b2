/** Requests that no route takes: OPTIONS, a wrong method, static files, and nothing at all. */

import { Problem } from '../http/problem.ts'
import type { ServiceContext } from '../service-env.ts'
import { assetRoute, isPage } from './assets.ts'

const GET_METHODS = ['GET', 'HEAD', 'OPTIONS']
const POST_METHODS = ['POST', 'OPTIONS']
const POST_PATHS = ['/compress', '/decompress']
const GET_PATHS = /^\/(models|health|models\/[^/]+|preview\/[^/]+|images|images\/.+|static\/.*)$/

export async function unmatched(c: ServiceContext): Promise<Response> {
  const { path, method } = c.req
  const allowed = allowedMethods(path)
  if (method === 'OPTIONS' && allowed !== undefined)
    return new Response(null, { status: 204, headers: { allow: allowed.join(', ') } })
  if (method === 'GET' || method === 'HEAD') {
    if (allowed !== POST_METHODS) return assetRoute(c)
  } else if (allowed === undefined) throw new Problem('not-found', 'no such route')
  const allow = (allowed ?? GET_METHODS).join(', ')
  throw new Problem('method-not-allowed', `${path} takes ${allow}, not ${method}`, {}, { allow })
}

function allowedMethods(path: string): string[] | undefined {
  if (POST_PATHS.includes(path)) return POST_METHODS
  return isPage(path) || GET_PATHS.test(path) ? GET_METHODS : undefined
}
