import type { ServiceContext } from '../service-env.ts'

const EXPOSED =
  'Latent64-Model, Latent64-Bytes, Latent64-Mse, Latent64-Psnr, Latent64-Stored-Psnr, Latent64-Width, ' +
  'Latent64-Height, Server-Timing, X-Request-Id, ETag, Retry-After, Accept-Encoding'
/** Headers that clients of the service send, and that tracing in browsers adds. `*` allows all others except Authorization. */
const ALLOWED_HEADERS =
  'Accept, Authorization, Content-Type, If-None-Match, X-Request-Id, Baggage, Sentry-Trace, Traceparent, Tracestate, *'
const DAY_SECONDS = '86400'

/** CORS_ORIGINS of wrangler.toml: `*`, origins separated by commas, or nothing. Credentials are never allowed. */
export function setCors(c: ServiceContext): void {
  const { corsOrigins } = c.get('settings')
  const { headers } = c.res
  const origin = c.req.raw.headers.get('origin')
  if (corsOrigins !== '*') headers.append('vary', 'origin')
  const allowed = corsOrigins === '*' ? '*' : origin !== null && corsOrigins.has(origin) ? origin : undefined
  if (allowed === undefined) return
  headers.set('access-control-allow-origin', allowed)
  if (origin !== null) headers.set('access-control-expose-headers', EXPOSED)
}

/** The response to a browser's preflight request, which comes without the API key. Undefined for other requests. */
export function preflight(c: ServiceContext): Response | undefined {
  if (c.req.method !== 'OPTIONS') return undefined
  const { headers } = c.req.raw
  if (!headers.has('origin') || !headers.has('access-control-request-method')) return undefined
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': DAY_SECONDS,
    },
  })
}
