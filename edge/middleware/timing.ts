import type { MiddlewareHandler } from 'hono'
import type { ServiceEnv } from '../service-env.ts'

/**
 * Server-Timing, in milliseconds. On Cloudflare the clock stands still while code runs, against timing attacks:
 * there `read` is real, `codec` and `total` only move with I/O (a model's first load). In local workerd all are real.
 */
export const timing: MiddlewareHandler<ServiceEnv> = async (c, next) => {
  await next()
  const record = c.get('record')
  const totalMs = performance.now() - record.startedMs
  c.res.headers.set(
    'server-timing',
    `read;dur=${round(record.readMs)}, codec;dur=${round(record.codecMs)}, total;dur=${round(totalMs)}`,
  )
}

const round = (ms: number) => Math.round(ms * 100) / 100
