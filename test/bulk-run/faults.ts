/** The run itself: a changing bucket, an unordered queue, faults and kills; then every row is checked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeFiles } from '../../bench/bulk/cli-codes.ts'
import type { Delivered, Delivery } from '../../bench/bulk/delivery.ts'
import { prepareService, type Service, startService } from '../../bench/bulk/service.ts'
import { Random } from '../fuzz/random.ts'
import { type Change, planBucket } from './bucket.ts'
import { differences, type Row } from './check.ts'
import { TestQueue } from './queue.ts'

interface FaultsRequest {
  objects: number
  seed: number
  /** The share of calls to D1 and R2 that fail. */
  faults: number
  /** How often workerd is killed while it works. */
  kills: number
  consumers: number
  maxAttempts: number
  onProgress(stage: string, done: number, total: number): void
}

interface FaultsResult {
  objects: number
  codes: number
  problems: number
  deliveries: number
  kills: number
  dead: number
  seconds: number
  differences: string[]
}

const BUCKET = 'photos'
const DUPLICATED = 5 // every fifth message comes twice
const KILL_AFTER_MS = 150
const CHANGES_AT_ONCE = 8
const EMPTY_PAUSE_MS = 20

export async function runFaults(request: FaultsRequest): Promise<FaultsResult> {
  const dir = await mkdtemp(join(tmpdir(), 'latent64-bulk-'))
  const vars = { SEED: request.seed, FAULTS: request.faults, LOG: 'off' }
  const run = new FaultyRun(request, dir)
  try {
    await prepareService({ entry: join('test', 'bulk-run', 'faulty-worker.ts'), dir, vars })
    return await run.run()
  } finally {
    await run.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

class FaultyRun {
  readonly #request: FaultsRequest
  readonly #dir: string
  readonly #random: Random
  readonly #queue: TestQueue
  #service: Service | undefined
  #starting: Promise<void> | undefined
  #kills = 0
  #sent = 0

  constructor(request: FaultsRequest, dir: string) {
    this.#request = request
    this.#dir = dir
    this.#random = new Random(request.seed)
    this.#queue = new TestQueue(this.#random)
  }

  async run(): Promise<FaultsResult> {
    const { objects: count, onProgress } = this.#request
    const { changes, objects } = await planBucket(this.#random, count, (done) =>
      onProgress('making objects', done, count),
    )
    await this.#restart()
    const half = Math.floor(changes.length / 2)
    await this.#changeAll(changes.slice(0, half))
    const startedMs = performance.now()
    let isChanging = true
    const rest = this.#changeAll(changes.slice(half)).finally(() => {
      isChanging = false
    })
    for (; isChanging; await sleep(EMPTY_PAUSE_MS)) await this.#deliver(changes.length)
    await rest
    await this.#deliver(changes.length)
    const seconds = (performance.now() - startedMs) / 1000
    onProgress('compressing with the CLI', 0, objects.size)
    const codes = await codeFiles(
      [...objects.values()].map(({ bytes }) => bytes),
      join(this.#dir, 'cli'),
    )
    const cliCodes = new Map([...objects.keys()].map((key, i) => [key, codes[i]]))
    const rows = (await this.#ask('/sql', 'SELECT key, etag, code, error FROM images')) as Row[]
    return {
      ...{ objects: objects.size, codes: rows.filter(({ code }) => code !== null).length },
      problems: rows.filter(({ error }) => error !== null).length,
      ...{ deliveries: this.#queue.deliveries, kills: this.#kills, dead: this.#queue.dead.length, seconds },
      differences: differences(rows, objects, cliCodes),
    }
  }

  async stop(): Promise<void> {
    await this.#starting
    await this.#service?.kill()
  }

  async #restart(): Promise<void> {
    this.#service = await startService(this.#dir)
  }

  async #ask(path: string, body: unknown): Promise<unknown> {
    await this.#starting
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${this.#service!.url}${path}`, { method: 'POST', body: text })
    if (!response.ok) throw new Error(`${path}: status ${response.status}: ${await response.text()}`)
    return response.json()
  }

  /** Some at a time, those of one key in their order. */
  async #changeAll(changes: Change[]): Promise<void> {
    const left = [...changes.entries()].reverse()
    const lastOf = new Map<string, Promise<void>>()
    const work = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [i, change] = next
        const before = lastOf.get(change.key) ?? Promise.resolve()
        const own = before.then(() => this.#change(change))
        lastOf.set(change.key, own)
        await own
        this.#request.onProgress('changing the bucket', i + 1, changes.length)
      }
    }
    await Promise.all(Array.from({ length: CHANGES_AT_ONCE }, work))
  }

  /** First changes the bucket, then sends the event; repeated if the service was killed meanwhile. */
  async #change({ key, object }: Change): Promise<void> {
    for (;;) {
      await this.#starting
      const url = `${this.#service!.url}/object?key=${encodeURIComponent(key)}`
      const init =
        object === undefined ? { method: 'DELETE' } : { method: 'PUT', body: new Uint8Array(object.bytes) }
      const done = await fetch(url, init).then(
        (response) => response.ok,
        () => false,
      )
      if (done) break
    }
    const action = object === undefined ? 'DeleteObject' : 'PutObject'
    const message = {
      account: 'a',
      action,
      bucket: BUCKET,
      object: { key },
      eventTime: new Date().toISOString(),
    }
    this.#queue.send(message)
    if (this.#sent++ % DUPLICATED === 0) this.#queue.send(message)
  }

  async #deliver(changes: number): Promise<void> {
    const { consumers, maxAttempts, onProgress } = this.#request
    await this.#queue.run(consumers, maxAttempts, {
      deliver: (batch) => this.#deliverBatch(batch, changes),
      onBatch: (delivered, left) => onProgress('delivering', delivered, delivered + left),
    })
  }

  /** Kills come evenly spread over the messages, each in the middle of a batch. */
  async #deliverBatch(batch: Delivery[], changes: number): Promise<Delivered> {
    const { kills } = this.#request
    await this.#starting
    const isDue = this.#kills < kills && this.#queue.deliveries >= ((this.#kills + 0.5) * changes) / kills
    if (isDue) {
      this.#kills++
      this.#starting = this.#killSoon()
    }
    const response = await fetch(`${this.#service!.url}/deliver`, {
      method: 'POST',
      body: JSON.stringify(batch),
    })
    if (!response.ok) throw new Error(`the consumer failed: ${response.status}`)
    return (await response.json()) as Delivered
  }

  async #killSoon(): Promise<void> {
    await sleep(this.#random.next() * KILL_AFTER_MS)
    await this.#service!.kill()
    await this.#restart()
  }
}
