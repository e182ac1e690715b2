import type { MiddlewareHandler } from 'hono'
import { RequestRecord } from '../request-record.ts'
import type { ServiceEnv } from '../service-env.ts'

const ACCEPTED = /^[A-Za-z0-9_.:-]{1,64}$/

/** Every answer names its request; a client's own name for it is kept, if harmless. Starts the request's record. */
export const requestId: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  const given = c.req.raw.headers.get('x-request-id')
  const id = given !== null && ACCEPTED.test(given) ? given : crypto.randomUUID()
  c.set('record', new RequestRecord(id, performance.now()))
  await next()
  c.res.headers.set('x-request-id', id)
}
