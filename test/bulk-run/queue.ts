/** A queue that delivers at least once, in any order, in batches, several at a time, as Queues may. */

import type { Delivered, Delivery } from '../../bench/bulk/delivery.ts'
import type { Random } from '../fuzz/random.ts'

const MAX_BATCH = 25

interface QueueHooks {
  /** Throws if the consumer is gone: then the batch is delivered again. */
  deliver(batch: Delivery[]): Promise<Delivered>
  onBatch(delivered: number, left: number): void
}

export class TestQueue {
  readonly #random: Random
  readonly #waiting: Delivery[] = []
  #count = 0
  deliveries = 0
  /** Messages that were never acknowledged within the attempts that the queue makes. */
  readonly dead: Delivery[] = []

  constructor(random: Random) {
    this.#random = random
  }

  send(body: unknown): void {
    this.#waiting.push({ id: String(this.#count++), attempts: 1, body })
  }

  /** Delivers until it is empty, with `consumers` batches in flight at a time. */
  async run(consumers: number, maxAttempts: number, hooks: QueueHooks): Promise<void> {
    const consume = async () => {
      while (this.#waiting.length > 0) {
        const batch = this.#take()
        const acked = await hooks.deliver(batch).then(
          (delivered) => new Set(delivered.acked),
          () => new Set<string>(),
        )
        this.deliveries += batch.length
        for (const message of batch) if (!acked.has(message.id)) this.#again(message, maxAttempts)
        hooks.onBatch(this.deliveries, this.#waiting.length)
      }
    }
    await Promise.all(Array.from({ length: consumers }, consume))
    if (this.#waiting.length > 0) await this.run(consumers, maxAttempts, hooks) // put back by the last of them
  }

  /** Any of those that wait. */
  #take(): Delivery[] {
    const batch: Delivery[] = []
    while (batch.length < MAX_BATCH && this.#waiting.length > 0) {
      const at = this.#random.below(this.#waiting.length)
      batch.push(this.#waiting[at])
      this.#waiting[at] = this.#waiting.at(-1)!
      this.#waiting.pop()
    }
    return batch
  }

  #again(message: Delivery, maxAttempts: number): void {
    if (message.attempts === maxAttempts) this.dead.push(message)
    else this.#waiting.push({ ...message, attempts: message.attempts + 1 })
  }
}
