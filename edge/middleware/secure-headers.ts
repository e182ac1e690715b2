import type { MiddlewareHandler } from 'hono'
import type { ServiceEnv } from '../service-env.ts'

/** The page and the docs: only files from here, wasm among them, and pictures that the page itself makes. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** Answers of the service: nothing in them may run or load anything. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

export const secureHeaders: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  await next()
  const { headers } = c.res
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
  headers.set('content-security-policy', isPage ? PAGE_POLICY : DATA_POLICY)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  headers.set('strict-transport-security', 'max-age=31536000')
  headers.set('cross-origin-resource-policy', 'cross-origin') // previews are made to be embedded elsewhere
}
