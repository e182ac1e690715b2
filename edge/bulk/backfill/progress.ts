/** The table `backfills`, which `npm run bulk -- status` reads, and counts of a bucket's images. */

import { endOfPrefix, retried } from '../images/rows.ts'
import type { BackfillParams, BackfillReport, Totals } from './params.ts'

const SAVE = `INSERT INTO backfills
  (id, params, started_at, updated_at, state, listed, listed_bytes, queued, queued_bytes, missing, last_key, report)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
  ON CONFLICT (id) DO UPDATE SET updated_at = ?4, state = ?5, listed = ?6, listed_bytes = ?7, queued = ?8,
    queued_bytes = ?9, missing = ?10, last_key = coalesce(?11, last_key), report = ?12`

export async function saveProgress(
  db: D1Database,
  run: { id: string; startedAt: string },
  { continues, ...params }: BackfillParams,
  state: 'listing' | 'draining' | 'complete',
  { listed, listedBytes, queued, queuedBytes, missing }: Totals,
  lastKey: string | undefined,
  report?: BackfillReport,
): Promise<void> {
  const statement = db
    .prepare(SAVE)
    .bind(
      ...[run.id, JSON.stringify(params), run.startedAt, new Date().toISOString(), state],
      ...[listed, listedBytes, queued, queuedBytes, missing, lastKey ?? null],
      report === undefined ? null : JSON.stringify(report),
    )
  await retried(() => statement.run())
}

const COUNT = `SELECT count(*) AS images, error ->> 'type' AS type FROM images
  WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3) GROUP BY type`

export async function countImages(
  db: D1Database,
  bucket: string,
  prefix: string,
): Promise<{ images: number; failures: Record<string, number> }> {
  const statement = db.prepare(COUNT).bind(bucket, prefix, endOfPrefix(prefix))
  const { results } = await retried(() => statement.all<{ images: number; type: string | null }>())
  const failed = results.filter(({ type }) => type !== null)
  return {
    images: results.find(({ type }) => type === null)?.images ?? 0,
    failures: Object.fromEntries(failed.map(({ type, images }) => [type!.replace('/docs#', ''), images])),
  }
}
