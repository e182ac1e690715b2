import type { ServiceContext } from '../service-env.ts'

/**
 * Server-Timing, in milliseconds. On Cloudflare the clock stops while code runs, to prevent timing attacks: `read` is
 * real, but `codec` and `total` only grow with I/O (such as a model's first load). In local workerd all three are real.
 */
export function setTiming(c: ServiceContext): void {
  const record = c.get('record')
  const totalMs = performance.now() - record.startedMs
  c.res.headers.set(
    'server-timing',
    `read;dur=${round(record.readMs)}, codec;dur=${round(record.codecMs)}, total;dur=${round(totalMs)}`,
  )
}

const round = (ms: number) => Math.round(ms * 100) / 100
