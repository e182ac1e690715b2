/** Requests that match no route: OPTIONS, a wrong method, or an unknown URL. */
import type { Hono } from 'hono'
import { Problem } from '../http/problem.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'

/** By the routes that `app` has: a middleware's method is ALL. */
export function unmatched(app: Hono<ServiceEnv>, c: ServiceContext): Response {
  const { path, method } = c.req
  const routed = ['GET', 'POST'].filter((each) =>
    app.router.match(each, path)[0].some(([[, route]]) => route.method === each),
  )
  if (routed.length === 0)
    throw new Problem('not-found', 'the service has no such route, and the page no such file')
  const allow = [...routed.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : each)), 'OPTIONS'].join(', ')
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } })
  throw new Problem('method-not-allowed', `${path} supports ${allow}, not ${method}`, {}, { allow })
}
