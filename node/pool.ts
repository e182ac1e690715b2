/** Runs tasks on all cores: worker threads that keep what they have loaded and do one task at a time. */
import { availableParallelism } from 'node:os'
import { type MessagePort, parentPort, type Transferable, Worker, workerData } from 'node:worker_threads'

interface Reply {
  id: number
  result?: unknown
  error?: string
}

interface Waiting {
  worker: Worker
  resolve: (result: never) => void
  reject: (error: Error) => void
}

/** Worker threads that do tasks for as long as the pool is open. An idle pool keeps no process alive. */
export class WorkerPool<Task, Result> {
  readonly #workers: Map<Worker, number> // how many tasks each one has
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 0

  /** module: one that calls serveTasks(). setup: handed to every worker once. */
  constructor(module: URL, setup: unknown, count = availableParallelism()) {
    const workers = Array.from({ length: count }, () => new Worker(module, { workerData: setup }))
    this.#workers = new Map(workers.map((worker) => [worker, 0]))
    for (const worker of workers) {
      worker.unref()
      worker.on('message', (reply: Reply) => this.#settle(reply))
      worker.on('error', (error) => this.#fail(error))
    }
  }

  get size(): number {
    return this.#workers.size
  }

  /** Gives it to the worker with the fewest tasks. Rejects with what the task threw. */
  run(task: Task): Promise<Result> {
    const [worker] = [...this.#workers].reduce((least, each) => (each[1] < least[1] ? each : least))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { worker, resolve, reject })
      this.#count(worker, 1)
      worker.postMessage({ id, task })
    })
  }

  async close(): Promise<void> {
    const ended = [...this.#workers.keys()].map((worker) => worker.terminate())
    this.#fail(new Error('the workers were stopped'))
    await Promise.all(ended)
  }

  #settle({ id, result, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    this.#count(waiting.worker, -1)
    if (error === undefined) waiting.resolve(result as never)
    else waiting.reject(new Error(error))
  }

  #count(worker: Worker, by: number): void {
    const tasks = this.#workers.get(worker)! + by
    this.#workers.set(worker, tasks)
    if (tasks > 0) worker.ref()
    else worker.unref()
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** Tasks sent to a worker ahead of time, so that it never waits for its next one. */
const TASKS_AHEAD = 2

interface PoolOptions<Task, Result> {
  module: URL
  setup: unknown
  tasks: Task[]
  /** Called in the order in which tasks finish. */
  onResult: (result: Result, index: number) => void
  /** One per core if left out. */
  workers?: number
  /** If given, this thread takes tasks too and runs them by this function: it replaces one worker. */
  here?: (task: Task) => Promise<Result>
  /** How many of them it runs at once: one if left out. */
  hereAtOnce?: number
}

/** Resolves when every task has its result; the first that throws ends them all. */
export async function runPool<Task, Result>(options: PoolOptions<Task, Result>): Promise<void> {
  const { module, setup, tasks, onResult, here, hereAtOnce = 1 } = options
  const threads = Math.min(options.workers ?? availableParallelism(), tasks.length) - (here ? 1 : 0)
  const pool = new WorkerPool<Task, Result>(module, setup, threads)
  const rest = tasks.entries()
  const takeTurns = async (perform: (task: Task) => Promise<Result>) => {
    for (const [index, task] of rest) onResult(await perform(task), index)
  }
  const turns = Array.from({ length: threads * (1 + TASKS_AHEAD) }, () => takeTurns((task) => pool.run(task)))
  if (here)
    for (let i = 0; i < hereAtOnce; i++)
      turns.push(takeTurns(async (task) => afterMessages(await here(task))))
  try {
    await Promise.all(turns)
  } finally {
    await pool.close()
  }
}

/** Workers' messages wait while this thread computes: this lets them in. */
const afterMessages = <Result>(result: Result) =>
  new Promise<Result>((resolve) => setImmediate(resolve, result))

interface ServeOptions<Result> {
  /** Buffers of a result that need not be copied. */
  transferred?: (result: Result) => Transferable[]
  /** More than one lets a task compute while another waits for a disk. */
  atOnce?: number
}

/** The worker's side: sets up once, then does tasks in turn. */
export async function serveTasks<Setup, Task, Result>(
  start: (setup: Setup) => Promise<(task: Task) => Result | Promise<Result>>,
  { transferred = () => [], atOnce = 1 }: ServeOptions<Result> = {},
): Promise<void> {
  const port = parentPort as MessagePort
  const perform = await start(workerData as Setup)
  const respond = async ({ id, task }: { id: number; task: Task }) => {
    try {
      const result = await perform(task)
      port.postMessage({ id, result } satisfies Reply, transferred(result))
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Reply)
    }
  }
  const lanes = Array.from({ length: atOnce }, () => Promise.resolve()) // one if not asked, since some tasks are timed
  let taken = 0
  port.on('message', (message) => {
    const lane = taken++ % atOnce
    lanes[lane] = lanes[lane].then(() => respond(message))
  })
}
