/** The queue's consumer: messages about objects -> rows. Each message is acknowledged or retried on its own. */
import { log } from '../log.ts'
import { type Bindings, settingsOf } from '../settings.ts'
import { imageBuckets } from './bucket-settings.ts'
import { type ObjectMessage, readMessage } from './messages.ts'
import { measureQueues, writeBatchMetrics } from './metrics.ts'
import { type Outcome, reconcile, type Wanted } from './reconcile.ts'

const FIRST_RETRY_SECONDS = 15
const LAST_RETRY_SECONDS = 3600
/** From the given delivery on, a batch is processed in parts of this many keys. */
const SUSPECT_ATTEMPTS = 3
const SUSPECT_PART = 5

export async function consume(batch: MessageBatch<unknown>, bindings: Bindings): Promise<void> {
  const startedMs = performance.now()
  for (const [bucket, messages] of byBucket(batch)) {
    const outcomes = await consumeBucket(bindings, bucket, messages)
    const waitedMs = performance.now() - startedMs
    writeBatchMetrics(bindings, { batch, bucket, outcomes, waitedMs })
    report(bindings, batch.queue, bucket, messages.length, outcomes)
  }
  await measureQueues(bindings, batch)
}

interface Delivery extends ObjectMessage {
  message: Message<unknown>
}

/** A message that names no object is acknowledged and logged: no retry would help. */
function byBucket(batch: MessageBatch<unknown>): Map<string, Delivery[]> {
  const buckets = new Map<string, Delivery[]>()
  for (const message of batch.messages) {
    const body = readMessage(message.body)
    if (body === undefined) {
      log({ event: 'bulk-malformed', queue: batch.queue, message: message.id })
      message.ack()
      continue
    }
    const deliveries = buckets.get(body.bucket) ?? []
    buckets.set(body.bucket, deliveries)
    deliveries.push({ ...body, message })
  }
  return buckets
}

/** Several messages about one key are one piece of work. */
async function consumeBucket(bindings: Bindings, name: string, deliveries: Delivery[]): Promise<Outcome[]> {
  const byKey = Map.groupBy(deliveries, ({ object }) => object.key)
  const outcomes: Outcome[] = []
  for (const keys of partsOf([...byKey.keys()], deliveries)) {
    const wanted = keys.map((key) => ({ key, again: byKey.get(key)!.some(({ again }) => again) }))
    const settled = await reconcileOrRetry(bindings, name, wanted)
    for (const { key, result } of settled) for (const { message } of byKey.get(key)!) settle(message, result)
    outcomes.push(...settled)
  }
  return outcomes
}

/**
 * Normally all keys at once. A batch that keeps coming back may hold an object that crashes the isolate: then its keys
 * are processed a few at a time, each time in another order, so that most other rows are written before the crash.
 */
function partsOf(keys: string[], deliveries: Delivery[]): string[][] {
  if (Math.max(...deliveries.map(({ message }) => message.attempts)) < SUSPECT_ATTEMPTS) return [keys]
  const shuffled = keys.map((key) => ({ key, order: Math.random() })).toSorted((a, b) => a.order - b.order)
  const parts = Math.ceil(keys.length / SUSPECT_PART)
  return Array.from({ length: parts }, (_, i) =>
    shuffled.slice(i * SUSPECT_PART, (i + 1) * SUSPECT_PART).map(({ key }) => key),
  )
}

async function reconcileOrRetry(bindings: Bindings, name: string, wanted: Wanted[]): Promise<Outcome[]> {
  try {
    const bucket = imageBuckets(bindings).get(name)
    if (bucket === undefined) throw new Error(`BULK_BUCKETS does not name the bucket ${name}`)
    if (bindings.DB === undefined) throw new Error('the binding DB is missing')
    return await reconcile(bindings, bucket, wanted)
  } catch (error) {
    return wanted.map(({ key }) => ({
      ...{ key, result: 'retry', problem: String(error), objectBytes: 0, codecMs: 0 },
    }))
  }
}

/** Each retry waits twice as long, with some randomness, so that after an outage not all messages come at once. */
function settle(message: Message<unknown>, result: Outcome['result']): void {
  if (result !== 'retry') {
    message.ack()
    return
  }
  const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1), LAST_RETRY_SECONDS)
  message.retry({ delaySeconds: Math.ceil(seconds * (0.5 + Math.random() / 2)) })
}

function report(
  bindings: Bindings,
  queue: string,
  bucket: string,
  messages: number,
  outcomes: Outcome[],
): void {
  const { log: wanted } = settingsOf(bindings)
  const retries = outcomes.filter(({ result }) => result === 'retry')
  if (wanted === 'off' || (wanted === 'failures' && retries.length === 0)) return
  const count = (result: Outcome['result']) => outcomes.filter((each) => each.result === result).length
  log({
    ...{ event: 'bulk', queue, bucket, messages, compressed: count('compressed'), failed: count('failed') },
    ...{ unchanged: count('unchanged'), deleted: count('deleted'), retried: retries.length },
    problem: retries[0]?.problem,
  })
}
