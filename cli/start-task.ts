import type { Job } from '../node/list-files.ts'
import type { TaskResult, TaskSetup } from './run-jobs.ts'

/** A function that converts one file. It never throws: what is wrong with a file is its result. */
export async function startTask(setup: TaskSetup): Promise<(job: Job) => Promise<TaskResult<unknown>>> {
  const perform = await performer(setup)
  return async (job) => {
    try {
      return { done: await perform(job) }
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) }
    }
  }
}

async function performer({ task, setup }: TaskSetup): Promise<(job: Job) => Promise<unknown>> {
  if (task === 'compress') return (await import('./compress-task.ts')).compressTask(setup)
  return (await import('./decompress-task.ts')).decompressTask(setup)
}
