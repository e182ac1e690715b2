/** A backfill's parameters and its report. Shared by the Workflow and `npm run bulk`. */
import * as v from 'valibot'

export const BackfillParams = v.strictObject({
  bucket: v.string(),
  /** Only keys that begin with this. */
  prefix: v.optional(v.string(), ''),
  /** Only keys after this one: the last key of an earlier run. */
  after: v.optional(v.string(), ''),
  /**
   * changed: objects without a row for their latest version and the current settings. failed: those, and objects whose
   * row has a problem. all: every object.
   */
  which: v.optional(v.picklist(['changed', 'failed', 'all']), 'changed'),
  /** Only counts; queues nothing. */
  dryRun: v.optional(v.boolean(), false),
  /** At most this many messages per second; Queues takes 5,000. */
  perSecond: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5000)), 1000),
  /** How many keys a Workflow step lists; R2 lists at most 1,000. */
  pageKeys: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 1000),
  /** After this many steps another instance continues: one may take 1,024 on the free plan, 10,000 on the paid plan. */
  pagesPerInstance: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9000)), 750),
  /** Set if this instance continues a run whose previous instance had used up its steps. */
  continues: v.optional(
    v.object({
      run: v.string(),
      part: v.number(),
      startedAt: v.string(),
      totals: v.object({
        ...{ listed: v.number(), listedBytes: v.number() },
        ...{ queued: v.number(), queuedBytes: v.number(), missing: v.number() },
      }),
    }),
  ),
})
export type BackfillParams = v.InferOutput<typeof BackfillParams>

export interface Totals {
  listed: number
  listedBytes: number
  /** Objects to compress; a dry run only counts them. */
  queued: number
  queuedBytes: number
  /** Rows whose object is gone: they are queued too. */
  missing: number
}

export const NO_TOTALS: Totals = { listed: 0, listedBytes: 0, queued: 0, queuedBytes: 0, missing: 0 }

export interface BackfillReport extends Totals {
  seconds: number
  dollars: Record<string, number>
  /** Rows with the bucket and prefix, once the queue was empty; absent in a dry run. */
  images?: number
  failures?: Record<string, number>
}
