/** Converts files on all cores. A failure is reported and counted, and the rest continues. */
import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { PIPE } from '../../node/list-files.ts'
import { runPool } from '../../node/pool.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import type { Compression } from '../compress-task.ts'
import type { Job, Refusal } from './list-jobs.ts'
import { report, type Tally } from './summary.ts'
import { JOBS_AT_ONCE, type TaskDone, type TaskResult, type TaskSetup } from './task.ts'

/** With fewer files per thread, starting threads costs more than it saves. */
const JOBS_PER_THREAD = 12

export interface RunOptions {
  force?: boolean
  jobs?: number
  onResult?: (job: Job, result: TaskResult<Compression>) => void
}

/** Failures are printed as they happen, and counted. */
export async function runJobs<Done extends TaskDone>(
  { jobs, refused }: { jobs: Job[]; refused: Refusal[] },
  setup: TaskSetup,
  { force, jobs: most = availableParallelism(), onResult }: RunOptions,
): Promise<Tally<Done>> {
  const tally: Tally<Done> = { done: [], failed: [], skipped: [] }
  const progress = startProgress(setup.task, jobs.length)
  const fail = (input: string, reason: string) => {
    tally.failed.push(reason)
    report(input, reason)
  }
  const take = (job: Job, result: TaskResult<Done>) => {
    onResult?.(job, result as TaskResult<Compression>)
    if ('done' in result) tally.done.push(result.done)
    else if ('skipped' in result) tally.skipped.push(job.input)
    else fail(job.input, result.failed)
    progress.advance()
  }
  for (const { input, reason } of refused) fail(input, reason)
  const allowed = jobs.filter((job) => force || !occupied(job, (failed) => take(job, { failed })))
  const threads = Math.min(most, Math.ceil(allowed.length / JOBS_PER_THREAD))
  if (allowed.length > 0) await runAll(allowed, setup, threads, take)
  progress.stop()
  return tally
}

/** True for a link even if its target does not exist. */
function occupied({ output, record }: Job, refuse: (message: string) => void): boolean {
  if (record || output === PIPE || !lstatSync(output, { throwIfNoEntry: false })) return false
  refuse(`${output} already exists: --force overwrites it, --out writes elsewhere`)
  return true
}

async function runAll<Done extends TaskDone>(
  jobs: Job[],
  setup: TaskSetup,
  threads: number,
  take: (job: Job, result: TaskResult<Done>) => void,
) {
  const imported = import('./start-task.ts')
  const started = imported.then(({ startTask }) => startTask(setup)) // the workers start meanwhile
  const here = async (job: Job) => (await started)(job) as Promise<TaskResult<Done>>
  if (threads < 2) for (const job of jobs) take(job, await here(job))
  else
    await runPool<Job, TaskResult<Done>>({
      ...{ module: new URL('./task-worker.ts', import.meta.url), setup, tasks: jobs, workers: threads },
      ...{ here, hereAtOnce: JOBS_AT_ONCE, onResult: (result, index) => take(jobs[index], result) },
    })
}
