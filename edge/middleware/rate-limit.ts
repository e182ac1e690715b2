import type { MiddlewareHandler, Next } from 'hono'
import { Problem } from '../http/problem.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'

/** Each API key's own limit, counted by Cloudflare where it runs. Without keys, or without the binding, no limit. */
export const rateLimit: MiddlewareHandler<ServiceEnv> = (c, next) =>
  c.get('record').client === '' || c.env.RATE_LIMITER === undefined
    ? next()
    : count(c, c.env.RATE_LIMITER, next)

async function count(c: ServiceContext, limiter: RateLimit, next: Next): Promise<void> {
  const { success } = await limiter.limit({ key: c.get('record').client })
  if (!success) throw tooMany(settingsOf(c.env).rateLimitPeriodSeconds)
  await next()
}

function tooMany(periodSeconds: number): Problem {
  const detail = `this key's requests are over its limit; the count starts anew within ${periodSeconds} s`
  return new Problem('rate-limited', detail, {}, { 'retry-after': String(periodSeconds) })
}
