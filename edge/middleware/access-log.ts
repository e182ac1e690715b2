import { routePath } from 'hono/route'
import { log } from '../log.ts'
import type { ServiceContext } from '../service-env.ts'

/** A log line and a data point for each request. They hold the route's pattern, not the path, which may contain a code. */
export function writeAccessLog(c: ServiceContext): void {
  const { log: wanted } = c.get('settings')
  if (wanted === 'requests' || (wanted === 'failures' && c.res.status >= 400)) log(logLine(c))
  c.env.METRICS?.writeDataPoint(dataPoint(c))
}

function logLine(c: ServiceContext) {
  const { startedMs, id, ...record } = c.get('record')
  return {
    event: 'request',
    id,
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    totalMs: performance.now() - startedMs,
    ...record,
  }
}

/** For Analytics Engine: docs/deploy.md names the columns. */
function dataPoint(c: ServiceContext): AnalyticsEngineDataPoint {
  const record = c.get('record')
  return {
    indexes: [record.client || 'open'],
    blobs: [routePath(c, -1), c.req.method, String(c.res.status), record.model, record.problem],
    doubles: [
      performance.now() - record.startedMs,
      record.readMs,
      record.codecMs,
      record.bytesIn,
      record.codeBytes,
      record.images,
    ],
  }
}
