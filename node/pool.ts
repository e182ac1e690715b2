/** Tasks over all cores: worker threads that each take the next task when they are done with one. */
import { availableParallelism } from 'node:os'
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'

export interface PoolOptions<Task, Result> {
  /** A module that calls serveTasks. */
  module: URL
  /** Handed to every worker once, as the first argument of its setup. */
  setup: unknown
  tasks: Task[]
  /** As they come, not in order. */
  onResult: (result: Result, index: number) => void
  /** All cores where left out. */
  workers?: number
}

interface Reply {
  index: number
  result: unknown
}

/** Resolves when every task has its result; the first worker that throws ends them all. */
export async function runPool<Task, Result>(options: PoolOptions<Task, Result>): Promise<void> {
  const { module, setup, tasks } = options
  const count = Math.min(options.workers ?? availableParallelism(), tasks.length)
  const workers = Array.from({ length: count }, () => new Worker(module, { workerData: setup }))
  let next = 0
  const give = (worker: Worker) => {
    if (next < tasks.length) worker.postMessage({ index: next, task: tasks[next++] })
    else worker.terminate()
  }
  const finished = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.on('message', ({ index, result }: Reply) => {
          options.onResult(result as Result, index)
          give(worker)
        })
        worker.on('error', reject)
        worker.on('exit', () => resolve())
        give(worker)
      }),
  )
  try {
    await Promise.all(finished)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The worker's side: sets up once, then answers tasks until there are no more. */
export async function serveTasks<Setup, Task>(
  start: (setup: Setup) => Promise<(task: Task) => Promise<unknown>>,
): Promise<void> {
  const port = parentPort as MessagePort
  const perform = await start(workerData as Setup)
  port.on('message', async ({ index, task }: { index: number; task: Task }) => {
    port.postMessage({ index, result: await perform(task) })
  })
}
