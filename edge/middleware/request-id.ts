import { RequestRecord } from '../request-record.ts'
import type { ServiceContext } from '../service-env.ts'

const ACCEPTED = /^[A-Za-z0-9_.:-]{1,64}$/

/** Starts the request's record. Every answer names its request; a client's own name for it is kept, if harmless. */
export function startRecord(c: ServiceContext): void {
  const given = c.req.raw.headers.get('x-request-id')
  const id = given !== null && ACCEPTED.test(given) ? given : crypto.randomUUID()
  c.set('record', new RequestRecord(id, performance.now()))
}

export function setRequestId(c: ServiceContext): void {
  c.res.headers.set('x-request-id', c.get('record').id)
}
