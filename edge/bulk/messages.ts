/** The bodies of the queue's messages: event notifications from R2, and messages from a backfill. Both only name an object. */
import * as v from 'valibot'

/** R2 has no others: a message with a longer key, or half a surrogate pair in it, names no object. */
const MAX_KEY_BYTES = 1024
const ObjectKey = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxBytes(MAX_KEY_BYTES),
  v.check((key) => key.isWellFormed()),
)

/** R2's own: `{account, action, bucket, object: {key, size, eTag}, eventTime}`; of a deletion without size and eTag. */
export const ObjectMessage = v.object({
  bucket: v.string(),
  object: v.object({ key: ObjectKey }),
  /** From a backfill: compress it even if the row seems right. */
  again: v.optional(v.boolean(), false),
})
export type ObjectMessage = v.InferOutput<typeof ObjectMessage>

export function backfillMessage(bucket: string, key: string, again: boolean) {
  return again ? { bucket, object: { key }, again } : { bucket, object: { key } }
}

export function readMessage(body: unknown): ObjectMessage | undefined {
  const result = v.safeParse(ObjectMessage, body)
  return result.success ? result.output : undefined
}

/** The limits of sendBatch() are 100 messages and 256 KB, including what Queues adds to each. */
const MAX_MESSAGES = 100
const MAX_BATCH_BYTES = 200_000
const MESSAGE_OVERHEAD_BYTES = 100

const utf8 = new TextEncoder()

/** Sends them in order, in as few calls of sendBatch() as its limits allow. */
export function* inBatches<Body>(bodies: Iterable<Body>): Generator<MessageSendRequest<Body>[]> {
  let batch: MessageSendRequest<Body>[] = []
  let batchBytes = 0
  for (const body of bodies) {
    const bytes = utf8.encode(JSON.stringify(body)).length + MESSAGE_OVERHEAD_BYTES
    if (batch.length === MAX_MESSAGES || batchBytes + bytes > MAX_BATCH_BYTES) {
      if (batch.length > 0) yield batch
      batch = []
      batchBytes = 0
    }
    batch.push({ body, contentType: 'json' })
    batchBytes += bytes
  }
  if (batch.length > 0) yield batch
}
