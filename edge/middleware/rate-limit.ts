import type { MiddlewareHandler } from 'hono'
import { Problem } from '../problem.ts'
import type { ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'

/** Each API key's own limit, counted by Cloudflare where it runs. Without keys, or without the binding, no limit. */
export const rateLimit: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  const { client } = c.get('record')
  if (client !== '' && c.env.RATE_LIMITER !== undefined) {
    const { success } = await c.env.RATE_LIMITER.limit({ key: client })
    if (!success) throw tooMany(settingsOf(c.env).rateLimitPeriodSeconds)
  }
  await next()
}

function tooMany(periodSeconds: number): Problem {
  const detail = `this key's requests are over its limit; the count starts anew within ${periodSeconds} s`
  return new Problem('rate-limited', detail, {}, { 'retry-after': String(periodSeconds) })
}
