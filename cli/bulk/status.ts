import { count } from '../../node/terminal/format.ts'
import { type BackfillState, describeBackfill } from './backfill-state.ts'
import type { Target } from './wrangler.ts'

export interface StatusFlags {
  json?: boolean
}

interface BucketRow {
  bucket: string
  problem: string | null
  images: number
  bytes: number | null
  last_at: string
}

interface QueueRow {
  name: string
  backlog: number
  at: string
}

const LAST_BACKFILLS = 5
const SQL = [
  `SELECT bucket, replace(error ->> 'type', '/docs#', '') AS problem, count(*) AS images, avg(bytes) AS bytes,
     max(at) AS last_at FROM images GROUP BY 1, 2 ORDER BY 1, 2`,
  'SELECT name, backlog, at FROM queues ORDER BY name',
  `SELECT * FROM backfills ORDER BY started_at DESC LIMIT ${LAST_BACKFILLS}`,
].join(';\n')

export async function status(target: Target, { json }: StatusFlags): Promise<void> {
  const [buckets, queues, backfills] = (await target.query(SQL)) as [BucketRow[], QueueRow[], BackfillState[]]
  if (json) return console.log(JSON.stringify({ buckets, queues, backfills }))
  const names = new Set([...target.buckets, ...buckets.map(({ bucket }) => bucket)])
  const lines = [
    target.name,
    ...[...names].flatMap((name) =>
      bucketLines(
        name,
        buckets.filter(({ bucket }) => bucket === name),
      ),
    ),
    ...queues.map(({ name, backlog, at }) => `${name}: ${backlog.toLocaleString('en')} waiting (seen ${at})`),
    ...backfills.map((backfill) => `backfill ${backfill.id}: ${describeBackfill(backfill)}`),
  ]
  console.log(lines.join('\n'))
}

function bucketLines(name: string, rows: BucketRow[]): string[] {
  const codes = rows.find(({ problem }) => problem === null)
  const failed = rows.filter(({ problem }) => problem !== null)
  const last = rows
    .map(({ last_at }) => last_at)
    .toSorted()
    .at(-1)
  const size = codes?.bytes ? `, ${codes.bytes.toFixed(1)} bytes on average` : ''
  return [
    `bucket ${name}: ${count(codes?.images ?? 0, 'code')}${size}${last ? `, the last at ${last}` : ''}`,
    ...failed.map(({ problem, images }) => `  ${count(images, 'problem')}: ${problem}`),
  ]
}
