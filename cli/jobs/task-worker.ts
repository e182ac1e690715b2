/** A worker thread of `latent64 compress` and `latent64 decompress`. */
import { serveTasks } from '../../node/pool.ts'
import type { Job } from './list-jobs.ts'
import { startTask } from './start-task.ts'
import type { TaskResult, TaskSetup } from './task.ts'

await serveTasks(async (setup: TaskSetup) => {
  const perform = await startTask(setup)
  return async (jobs: Job[]) => {
    const results: TaskResult[] = []
    for (const job of jobs) results.push(await perform(job))
    return results
  }
})
