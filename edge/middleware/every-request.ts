import type { MiddlewareHandler } from 'hono'
import { onError } from '../http/on-error.ts'
import type { ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { writeAccessLog } from './access-log.ts'
import { preflight, setCors } from './cors.ts'
import { setRequestId, startRecord } from './request-id.ts'
import { setSecureHeaders } from './secure-headers.ts'
import { setTiming } from './timing.ts'

/**
 * Everything that surrounds a request, as one middleware: Hono awaits each middleware separately, which for five of
 * them costs as much as all their headers. Errors have already become responses when next() returns.
 */
export const everyRequest: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  c.set('settings', settingsOf(c.env))
  startRecord(c)
  const early = preflight(c)
  if (early !== undefined) c.res = early
  else
    await next().catch((error: Error) => {
      c.res = onError(error, c) // if no route matches, Hono does not catch the error
    })
  c.get('record').release()
  setRequestId(c)
  setTiming(c)
  setSecureHeaders(c)
  setCors(c)
  writeAccessLog(c)
}
