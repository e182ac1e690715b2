/**
 * The Workflow that fills the queue from a bucket. Each page is a step, and a step's result is kept, so after a crash
 * the run continues with the page it was at. Once the queue is empty it ends with a report.
 */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import * as v from 'valibot'
import type { Bindings } from '../../settings.ts'
import { type ImageBucket, imageBuckets } from '../bucket-settings.ts'
import { writeBacklogs } from '../metrics.ts'
import { costOf, estimateCpuMs } from './cost.ts'
import { fillPage, type Page } from './page.ts'
import { BackfillParams, type BackfillReport, NO_TOTALS, type Totals } from './params.ts'
import { countImages, saveProgress } from './progress.ts'

const RETRIES = { retries: { limit: 10, delay: '5 seconds', backoff: 'exponential' } } as const
/** Waits for the queue to become empty: each is longer, up to ten minutes, for a day in all. */
const MAX_WAITS = 220
const LONGEST_WAIT_SECONDS = 600

interface Run {
  id: string
  part: number
  startedAt: string
  totals: Totals
  after: string
}

export class Backfill extends WorkflowEntrypoint<Bindings, unknown> {
  override async run(event: Readonly<WorkflowEvent<unknown>>, step: WorkflowStep): Promise<unknown> {
    const { params, bucket } = this.#checked(event.payload)
    const { continues } = params
    const run: Run = {
      id: continues?.run ?? event.instanceId,
      part: continues?.part ?? 1,
      startedAt: continues?.startedAt ?? event.timestamp.toISOString(),
      totals: continues?.totals ?? NO_TOTALS,
      after: params.after,
    }
    const isListed = await this.#list(step, run, params, bucket)
    if (!isListed) return this.#goOn(step, run, params)
    if (!params.dryRun) await this.#drain(step, run, params)
    return step.do('report', RETRIES, () => this.#report(run, params))
  }

  /** Parameters that can't be run fail at once and say why: nothing outside a step is retried. */
  #checked(payload: unknown): { params: BackfillParams; bucket: ImageBucket } {
    const parsed = v.safeParse(BackfillParams, payload)
    if (!parsed.success) {
      const [{ path, message }] = parsed.issues
      throw new Error(`params${path ? `, ${path.map(({ key }) => key).join('.')}` : ''}: ${message}`)
    }
    const buckets = imageBuckets(this.env)
    const bucket = buckets.get(parsed.output.bucket)
    if (bucket === undefined) {
      const known = [...buckets.keys()].join(', ') || 'none'
      throw new Error(`${parsed.output.bucket} is not a bucket of BULK_BUCKETS, which names ${known}`)
    }
    if (this.env.DB === undefined || this.env.QUEUE === undefined)
      throw new Error('the bindings DB and QUEUE are needed')
    return { params: parsed.output, bucket }
  }

  /** False if this instance's steps are used up before the bucket's end. */
  async #list(step: WorkflowStep, run: Run, params: BackfillParams, bucket: ImageBucket): Promise<boolean> {
    for (let page = 1; page <= params.pagesPerInstance; page++) {
      const { after, totals } = run
      const done = await step.do(`page ${page}`, RETRIES, async () => {
        const filled = await fillPage(this.env, bucket, params, after)
        await saveProgress(this.env.DB!, run, params, 'listing', add(totals, filled), filled.lastKey)
        return filled
      })
      run.totals = add(totals, done)
      if (done.lastKey === undefined) return true
      run.after = done.lastKey
      const sent = params.dryRun ? 0 : done.queued + done.missing
      if (sent > 0) await step.sleep(`pause ${page}`, Math.ceil((1000 * sent) / params.perSecond))
    }
    return false
  }

  async #goOn(step: WorkflowStep, run: Run, params: BackfillParams): Promise<unknown> {
    const { id, part, startedAt, totals, after } = run
    const next = `${id}-${part + 1}`
    const continues = { run: id, part: part + 1, startedAt, totals }
    return step.do('go on', RETRIES, async () => {
      await this.env
        .BACKFILL!.create({ id: next, params: { ...params, after, continues } })
        .catch(async (error) => {
          // An earlier try of this step may have created it.
          await this.env.BACKFILL!.get(next).catch(() => Promise.reject(error))
        })
      return { continuedBy: next }
    })
  }

  async #drain(step: WorkflowStep, run: Run, params: BackfillParams): Promise<void> {
    for (let wait = 1; wait <= MAX_WAITS; wait++) {
      const backlog = await step.do(`backlog ${wait}`, RETRIES, async () => {
        await saveProgress(this.env.DB!, run, params, 'draining', run.totals, undefined)
        const { backlogCount } = await this.env.QUEUE!.metrics()
        await writeBacklogs(this.env.DB!, { messages: backlogCount })
        return backlogCount
      })
      // Once more after it is empty, as the last messages are still being processed.
      await step.sleep(`wait ${wait}`, 1000 * Math.min(5 * wait, LONGEST_WAIT_SECONDS))
      if (backlog === 0) return
    }
  }

  async #report(run: Run, params: BackfillParams): Promise<BackfillReport> {
    const { totals } = run
    const cpuMs = estimateCpuMs(totals.queued === 0 ? 0 : totals.queuedBytes / totals.queued)
    const report: BackfillReport = {
      ...totals,
      seconds: Math.round((Date.now() - Date.parse(run.startedAt)) / 1000),
      dollars: costOf({ ...totals, cpuMs }),
      ...(params.dryRun ? {} : await countImages(this.env.DB!, params.bucket, params.prefix)),
    }
    await saveProgress(this.env.DB!, run, params, 'complete', totals, undefined, report)
    return report
  }
}

function add(totals: Totals, page: Page): Totals {
  return {
    listed: totals.listed + page.listed,
    listedBytes: totals.listedBytes + page.listedBytes,
    queued: totals.queued + page.queued,
    queuedBytes: totals.queuedBytes + page.queuedBytes,
    missing: totals.missing + page.missing,
  }
}
