/** Converts files over all cores: a failure is reported and counted, the rest goes on. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Job, PIPE } from '../node/list-files.ts'
import { runPool } from '../node/pool.ts'
import { startProgress } from '../node/progress.ts'
import type { Compression, CompressSetup } from './compress-task.ts'
import type { Decompression, DecompressSetup } from './decompress-task.ts'

export type TaskSetup =
  | { task: 'compress'; setup: CompressSetup }
  | { task: 'decompress'; setup: DecompressSetup }
export type TaskResult<Done> = { done: Done } | { failed: string }

/** Below this a thread's start costs more than it saves. */
const JOBS_PER_WORKER = 8
/** Handed over together, to save messages. */
const JOBS_PER_TASK = 4

export interface RunOptions {
  force?: boolean
  jobs?: number
}

/** Returns what was done; failures are printed, and make the process exit with status 1. */
export async function runJobs<Done extends Compression | Decompression>(
  jobs: Job[],
  setup: TaskSetup,
  { force, jobs: most = availableParallelism() }: RunOptions,
): Promise<Done[]> {
  const done: Done[] = []
  const progress = startProgress(setup.task, jobs.length)
  const take = (job: Job, result: TaskResult<Done>) => {
    if ('done' in result) done.push(result.done)
    else reportFailure(job.input, result.failed)
    progress.advance()
  }
  const allowed = jobs.filter((job) => force || !occupied(job, (message) => take(job, { failed: message })))
  const workers = Math.min(most, Math.ceil(allowed.length / JOBS_PER_WORKER))
  if (workers > 1) await runInThreads(allowed, setup, workers, take)
  else await runHere(allowed, setup, take)
  progress.stop()
  return done
}

export function reportFailure(input: string, message: string): void {
  process.stderr.write(`latent64: ${input === PIPE ? 'standard input' : input}: ${message}\n`)
  process.exitCode = 1
}

function occupied({ output }: Job, refuse: (message: string) => void): boolean {
  if (output === PIPE || !existsSync(output)) return false
  refuse(`${output} is there already: --force overwrites it, --out writes elsewhere`)
  return true
}

async function runHere<Done>(
  jobs: Job[],
  setup: TaskSetup,
  take: (job: Job, result: TaskResult<Done>) => void,
) {
  const { startTask } = await import('./start-task.ts')
  const perform = await startTask(setup)
  for (const job of jobs) take(job, (await perform(job)) as TaskResult<Done>)
}

async function runInThreads<Done>(
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
