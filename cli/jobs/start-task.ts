import { NoCodeError } from '../inputs/read-code.ts'
import type { Job } from './list-jobs.ts'
import type { TaskDone, TaskResult, TaskSetup } from './task.ts'

/** A function that converts one file. It never throws: a failure is its result. */
export async function startTask(setup: TaskSetup): Promise<(job: Job) => Promise<TaskResult>> {
  const perform = await performer(setup)
  return async (job) => {
    try {
      return { done: await perform(job) }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return error instanceof NoCodeError ? { skipped: message } : { failed: message }
    }
  }
}

async function performer({ task, setup }: TaskSetup): Promise<(job: Job) => Promise<TaskDone>> {
  if (task === 'compress') return (await import('../compress-task.ts')).compressTask(setup)
  return (await import('../decompress-task.ts')).decompressTask(setup)
}
