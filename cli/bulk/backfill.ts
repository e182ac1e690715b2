/** Starts the Workflow and prints its progress up to its report. The Workflow does not depend on this process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { BackfillReport } from '../../edge/bulk/backfill/params.ts'
import { type BackfillState, describeBackfill, describeReport } from './backfill-state.ts'
import { quoted, type Target } from './wrangler.ts'

export interface BackfillFlags {
  bucket?: string
  prefix?: string
  after?: string
  dryRun?: boolean
  perSecond: number
  wait: boolean
  json?: boolean
}

const LOOK_EVERY_MS = 3000
/** Within this many queries the Workflow has begun or failed. */
const QUERIES_BEFORE_STATUS = 3

export async function backfill(
  target: Target,
  { bucket, wait, json, ...flags }: BackfillFlags & { which: 'changed' | 'failed' | 'all' },
): Promise<void> {
  const id = `${flags.which}-${new Date().toISOString().replace(/\D/g, '').slice(0, 17)}`
  await target.startBackfill(id, { bucket: chooseBucket(target, bucket), ...flags })
  process.stderr.write(`backfill ${id} runs in ${target.name}; it does not depend on this process\n`)
  if (!wait) return
  process.once('SIGINT', () => {
    process.stderr.write('\nthe backfill continues: `npm run bulk -- status` shows its progress\n')
    process.exit(130)
  })
  const report = await watch(target, id)
  console.log(json ? JSON.stringify(report) : describeReport(report))
  if (flags.which === 'failed' && !flags.dryRun && target.deadLetterQueue !== undefined)
    process.stderr.write(
      `the dead letters are queued again: \`npx wrangler queues purge ${target.deadLetterQueue}\`\n`,
    )
}

function chooseBucket({ buckets }: Target, asked: string | undefined): string {
  const [bucket = '', ...others] = asked === undefined ? buckets : [asked]
  if (others.length === 0 && buckets.includes(bucket)) return bucket
  throw new Error(
    `--bucket: expected one of ${buckets.join(', ') || 'those of BULK_BUCKETS, which is empty'}`,
  )
}

async function watch(target: Target, id: string): Promise<BackfillReport> {
  let written = ''
  for (let looks = 1; ; looks++) {
    await sleep(LOOK_EVERY_MS)
    const [[row]] = (await target.query(`SELECT * FROM backfills WHERE id = ${quoted(id)}`)) as [
      [BackfillState?],
    ]
    if (row?.report) return JSON.parse(row.report)
    if (row === undefined || looks % QUERIES_BEFORE_STATUS === 0) await checkStatus(target, id)
    const now = row === undefined ? 'waiting for its start' : describeBackfill(row)
    if (now !== written) process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${now}` : `${now}\n`)
    written = now
  }
}

async function checkStatus(target: Target, id: string): Promise<void> {
  const { status, error } = await target.describeBackfill(id)
  if (status === 'errored' || status === 'terminated')
    throw new Error(`the backfill is ${status}${error ? `: ${error.message}` : ''}`)
}
