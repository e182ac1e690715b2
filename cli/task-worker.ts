/** A worker thread of `latent64 compress` and `latent64 decompress`. */
import type { Job } from './inputs.ts'
import { serveTasks } from './pool.ts'
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
