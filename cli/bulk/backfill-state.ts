/** A row of the table `backfills` as text. */
import type { BackfillReport } from '../../edge/bulk/backfill/params.ts'
import { count, duration } from '../../node/terminal/format.ts'

export interface BackfillState {
  id: string
  params: string
  started_at: string
  updated_at: string
  state: 'listing' | 'draining' | 'complete'
  listed: number
  queued: number
  missing: number
  last_key: string | null
  report: string | null
}

export function describeBackfill(row: BackfillState): string {
  const { dryRun, bucket } = JSON.parse(row.params) as { dryRun: boolean; bucket: string }
  const seconds = (Date.parse(row.updated_at) - Date.parse(row.started_at)) / 1000
  const queued = `${count(row.queued, 'object')} ${dryRun ? 'would be queued' : 'queued'}`
  const missing = row.missing > 0 ? `, ${count(row.missing, 'row')} without an object` : ''
  const state = { listing: 'listing', draining: 'waiting for the queue', complete: 'complete' }[row.state]
  return `${state}; ${bucket}, ${row.listed.toLocaleString('en')} listed, ${queued}${missing}, ${duration(seconds)}`
}

export function describeReport(report: BackfillReport): string {
  const { listed, queued, queuedBytes, missing, images, failures, dollars, seconds } = report
  const total = Object.values(dollars).reduce((sum, each) => sum + each, 0)
  return [
    `${count(listed, 'object')} listed, ${queued.toLocaleString('en')} to compress (${megabytes(queuedBytes)}), ` +
      `${count(missing, 'row')} without an object; ${duration(seconds)}`,
    ...(images === undefined ? [] : [`${count(images, 'code')} in D1`]),
    ...Object.entries(failures ?? {}).map(([kind, failed]) => `  ${count(failed, 'problem')}: ${kind}`),
    `about $${total.toFixed(2)} at list prices, beyond what the plan includes:`,
    ...Object.entries(dollars).map(([item, price]) => `  ${item.padEnd(18)} $${price.toFixed(4)}`),
  ].join('\n')
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
