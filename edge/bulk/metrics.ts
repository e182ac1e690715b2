/**
 * Data points for Analytics Engine, in the columns of docs/deploy.md and three more, and the queues' backlogs for `bulk
 * status`.
 */
import type { Bindings } from '../settings.ts'
import { retried } from './images/rows.ts'
import type { Outcome } from './reconcile.ts'

interface BatchFigures {
  batch: MessageBatch<unknown>
  bucket: string
  outcomes: Outcome[]
  waitedMs: number
}

/** A point for each result, model and kind of problem in a batch: at most 25 with batches of 25, which is the limit. */
export function writeBatchMetrics({ METRICS }: Bindings, figures: BatchFigures): void {
  if (METRICS === undefined) return
  const { batch, bucket, waitedMs } = figures
  const groups = Map.groupBy(
    figures.outcomes,
    ({ result, row, problem }) => `${result} ${row?.model ?? ''} ${result === 'failed' ? problem : ''}`,
  )
  for (const outcomes of groups.values()) {
    const [{ result, row, problem }] = outcomes as [Outcome]
    const sum = (of: (each: Outcome) => number) => outcomes.reduce((total, each) => total + of(each), 0)
    METRICS.writeDataPoint({
      indexes: ['bulk'],
      blobs: [
        ...[`queue ${batch.queue}`, 'QUEUE', result, row?.model ?? ''],
        ...[result === 'failed' ? problem! : '', bucket],
      ],
      doubles: [
        waitedMs,
        0,
        sum(({ codecMs }) => codecMs),
        sum(({ objectBytes }) => objectBytes),
        sum((each) => each.row?.bytes ?? 0),
        outcomes.length,
        batch.metadata?.metrics?.backlogCount ?? 0,
        Math.max(...batch.messages.map(({ attempts }) => attempts)),
      ],
    })
  }
}

const MEASURE_EVERY_MS = 60_000
let measuredMs = Number.NEGATIVE_INFINITY

/** Once per minute and isolate. Failing to write it is not an error: people only look at the figure. */
export async function measureQueues(bindings: Bindings, batch: MessageBatch<unknown>): Promise<void> {
  const { DB, DEAD_LETTERS } = bindings
  if (DB === undefined || performance.now() - measuredMs < MEASURE_EVERY_MS) return
  measuredMs = performance.now()
  try {
    const dead = await DEAD_LETTERS?.metrics()
    await writeBacklogs(DB, {
      messages: batch.metadata?.metrics?.backlogCount,
      'dead letters': dead?.backlogCount,
    })
  } catch {
    // the next one may succeed
  }
}

const WRITE = `INSERT INTO queues (name, backlog, at) SELECT key, value, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (name) DO UPDATE SET backlog = excluded.backlog, at = excluded.at`

export async function writeBacklogs(
  db: D1Database,
  backlogs: Record<string, number | undefined>,
): Promise<void> {
  const statement = db.prepare(WRITE).bind(JSON.stringify(backlogs), new Date().toISOString())
  await retried(() => statement.run())
}
