import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

interface Reply {
  id: number
  result?: unknown
  error?: string
}

/** Worker threads that answer one task each at a time, for as long as the pool is open. */
export class WorkerPool<Task, Result> {
  readonly #workers: Worker[]
  readonly #waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>()
  #next = 0

  constructor(module: URL, workerData: unknown, count = Math.min(4, availableParallelism())) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(module, { workerData })
      worker.unref() // an idle pool keeps no process alive
      worker.on('message', (reply: Reply) => this.#settle(reply))
      worker.on('error', (error) => this.#fail(error))
      return worker
    })
  }

  get size(): number {
    return this.#workers.length
  }

  /** Tasks go to the workers in turn. */
  run(task: Task): Promise<Result> {
    const id = this.#next++
    const worker = this.#workers[id % this.#workers.length]!
    worker.ref()
    worker.postMessage({ id, task })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  close(): void {
    for (const worker of this.#workers) void worker.terminate()
    this.#fail(new Error('the workers were stopped'))
  }

  #settle({ id, result, error }: Reply) {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result as Result)
    else waiting?.reject(new Error(error))
    if (this.#waiting.size === 0) for (const worker of this.#workers) worker.unref()
  }

  #fail(error: Error) {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
