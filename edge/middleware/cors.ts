import type { MiddlewareHandler } from 'hono'
import type { ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'

const EXPOSED =
  'Latent64-Model, Latent64-Bytes, Latent64-Mse, Latent64-Psnr, Latent64-Stored-Psnr, Latent64-Width, ' +
  'Latent64-Height, Server-Timing, X-Request-Id, ETag, Retry-After'
const DAY_SECONDS = '86400'

/** CORS_ORIGINS of wrangler.toml: `*`, origins separated by commas, or nothing. Credentials are never allowed. */
export const cors: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  const { corsOrigins } = settingsOf(c.env)
  const origin = c.req.raw.headers.get('origin')
  const isPreflight =
    c.req.method === 'OPTIONS' && origin !== null && c.req.raw.headers.has('access-control-request-method')
  if (isPreflight) c.res = preflight()
  else await next()
  if (corsOrigins !== '*') c.res.headers.append('vary', 'origin')
  const allowed = corsOrigins === '*' ? '*' : origin !== null && corsOrigins.has(origin) ? origin : undefined
  if (allowed === undefined) return
  c.res.headers.set('access-control-allow-origin', allowed)
  if (!isPreflight && origin !== null) c.res.headers.set('access-control-expose-headers', EXPOSED)
}

function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers': 'Accept, Authorization, Content-Type, X-Request-Id',
      'access-control-max-age': DAY_SECONDS,
    },
  })
}
