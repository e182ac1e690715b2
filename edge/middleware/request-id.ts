import { RequestRecord } from '../request-record.ts'
import type { ServiceContext } from '../service-env.ts'

const ACCEPTED = /^[A-Za-z0-9_.:-]{1,64}$/

/** Made at this isolate's first request, because workerd has no randomness before that. */
let isolateId: string | undefined
let requests = 0

/** Starts the request's record. Every response names its request; a client's own id is kept if it is harmless. */
export function startRecord(c: ServiceContext): void {
  const given = c.req.raw.headers.get('x-request-id')
  const id = given !== null && ACCEPTED.test(given) ? given : newId()
  c.set('record', new RequestRecord(id, performance.now()))
}

/** The isolate's UUID and a count, as a UUID for each request would take 2 us. */
function newId(): string {
  isolateId ??= crypto.randomUUID()
  return `${isolateId}-${++requests}`
}

export function setRequestId(c: ServiceContext): void {
  c.res.headers.set('x-request-id', c.get('record').id)
}
