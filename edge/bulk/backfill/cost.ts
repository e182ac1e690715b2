/** What images cost on Cloudflare, by item: list prices of 2026 beyond what the paid plan includes (docs/bulk.md). */

const DOLLARS_PER_MILLION = {
  queueOperations: 0.4, // of 64 KB; a message is written, read and deleted
  r2Reads: 0.36, // class B
  r2Lists: 4.5, // class A
  rowsWritten: 1,
  rowsRead: 0.001,
  requests: 0.3, // an invocation of the consumer
  cpuMs: 0.02,
}
const OPERATIONS_PER_MESSAGE = 3
const READS_PER_IMAGE = 2 // GET, and HEAD after the row is written
const MESSAGES_PER_BATCH = 25 // max_batch_size
const KEYS_PER_LIST = 1000
/** Rows that the backfill compares, and the consumer then looks up. */
const ROWS_READ_PER_IMAGE = 2

interface CostInput {
  listed: number
  queued: number
  /** What an image takes on average: results/bulk.json. */
  cpuMs: number
}

/** Dollars by item. */
export function costOf({ listed, queued, cpuMs }: CostInput): Record<string, number> {
  const price = (name: keyof typeof DOLLARS_PER_MILLION, count: number) =>
    (count / 1e6) * DOLLARS_PER_MILLION[name]
  return {
    'R2 lists': price('r2Lists', Math.ceil(listed / KEYS_PER_LIST)),
    'R2 reads': price('r2Reads', READS_PER_IMAGE * queued),
    Queues: price('queueOperations', OPERATIONS_PER_MESSAGE * queued),
    'Workers requests': price('requests', Math.ceil(queued / MESSAGES_PER_BATCH)),
    'Workers CPU': price('cpuMs', cpuMs * queued),
    'D1 rows written': price('rowsWritten', queued),
    'D1 rows read': price('rowsRead', listed + ROWS_READ_PER_IMAGE * queued),
  }
}

/** CPU per image by its file's size: entropy decoding grows with the bytes, and the rest is small. From results/bulk.json. */
const BASE_CPU_MS = 5
const CPU_MS_PER_MEGABYTE = 12

export function estimateCpuMs(meanBytes: number): number {
  return BASE_CPU_MS + (CPU_MS_PER_MEGABYTE * meanBytes) / 1e6
}
