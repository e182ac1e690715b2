/** Converts files over all cores: a failure is reported and counted, the rest goes on. */
import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { PIPE } from '../../node/list-files.ts'
import { runPool } from '../../node/pool.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import type { Job, Refusal } from './list-jobs.ts'
import { report, type Tally } from './summary.ts'
import type { TaskDone, TaskResult, TaskSetup } from './task.ts'

/** Below this a thread's start costs more than it saves. */
const JOBS_PER_WORKER = 8
/** Handed over together, to save messages. */
const JOBS_PER_TASK = 4

export interface RunOptions {
  force?: boolean
  jobs?: number
}

/** What failed is printed as it happens, and counted. */
export async function runJobs<Done extends TaskDone>(
  { jobs, refused }: { jobs: Job[]; refused: Refusal[] },
  setup: TaskSetup,
  { force, jobs: most = availableParallelism() }: RunOptions,
): Promise<Tally<Done>> {
  const tally: Tally<Done> = { done: [], failed: [], skipped: [] }
  const progress = startProgress(setup.task, jobs.length)
  const fail = (input: string, reason: string) => {
    tally.failed.push(reason)
    report(input, reason)
  }
  const take = (job: Job, result: TaskResult<Done>) => {
    if ('done' in result) tally.done.push(result.done)
    else if ('skipped' in result) tally.skipped.push(job.input)
    else fail(job.input, result.failed)
    progress.advance()
  }
  for (const { input, reason } of refused) fail(input, reason)
  const allowed = jobs.filter((job) => force || !occupied(job, (failed) => take(job, { failed })))
  const workers = Math.min(most, Math.ceil(allowed.length / JOBS_PER_WORKER))
  if (workers > 1) await runInThreads(allowed, setup, workers, take)
  else if (workers === 1) await runHere(allowed, setup, take)
  progress.stop()
  return tally
}

/** A link is there even if what it points to is not. */
function occupied({ output }: Job, refuse: (message: string) => void): boolean {
  if (output === PIPE || !lstatSync(output, { throwIfNoEntry: false })) return false
  refuse(`${output} is there already: --force overwrites it, --out writes elsewhere`)
  return true
}

async function runHere<Done extends TaskDone>(
  jobs: Job[],
  setup: TaskSetup,
  take: (job: Job, result: TaskResult<Done>) => void,
) {
  const { startTask } = await import('./start-task.ts')
  const perform = await startTask(setup)
  for (const job of jobs) take(job, (await perform(job)) as TaskResult<Done>)
}

async function runInThreads<Done extends TaskDone>(
  jobs: Job[],
  setup: TaskSetup,
  workers: number,
  take: (job: Job, result: TaskResult<Done>) => void,
) {
  const count = Math.ceil(jobs.length / JOBS_PER_TASK)
  const tasks = Array.from({ length: count }, (_, i) =>
    jobs.slice(i * JOBS_PER_TASK, (i + 1) * JOBS_PER_TASK),
  )
  await runPool<Job[], TaskResult<Done>[]>({
    module: new URL('./task-worker.ts', import.meta.url),
    setup,
    tasks,
    workers,
    onResult: (results, index) => {
      for (const [i, result] of results.entries()) take(tasks[index]![i]!, result)
    },
  })
}
