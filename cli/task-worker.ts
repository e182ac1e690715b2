/** A worker thread of `latent64 compress` and `latent64 decompress`. */
import type { Job } from '../node/list-files.ts'
import { serveTasks } from '../node/pool.ts'
import type { TaskResult, TaskSetup } from './run-jobs.ts'
import { startTask } from './start-task.ts'

await serveTasks(async (setup: TaskSetup) => {
  const perform = await startTask(setup)
  return async (jobs: Job[]) => {
    const results: TaskResult<unknown>[] = []
    for (const job of jobs) results.push(await perform(job))
    return results
  }
})
