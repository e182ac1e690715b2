/** How tests in workerd fill a bucket, deliver messages and read the rows. */
import {
  applyD1Migrations,
  createExecutionContext,
  createMessageBatch,
  type D1Migration,
  getQueueResult,
  reset,
} from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { imageBuckets } from '../../edge/bulk/bucket-settings.ts'
import { consume } from '../../edge/bulk/consume.ts'
import type { ImageRow } from '../../edge/bulk/images/rows.ts'
import { healthImage } from '../../edge/routes/health-golden.ts'
import type { CompressResponse } from '../../edge/schemas.ts'
import type { Bindings } from '../../edge/settings.ts'
import { encodePng } from '../../shared/images/png/encode-png.ts'

export const BUCKET = 'photos'
const QUEUE = 'latent64-images'

type BulkBindings = Bindings &
  Required<Pick<Bindings, 'DB' | 'QUEUE' | 'BACKFILL'>> & { PHOTOS: R2Bucket; MIGRATIONS: D1Migration[] }
export const bindings = env as unknown as BulkBindings
export const { PHOTOS, DB } = bindings

/** An empty bucket, an empty table. */
export async function startAfresh(): Promise<void> {
  await reset()
  await applyD1Migrations(DB, bindings.MIGRATIONS)
}

const KEY = { authorization: 'Bearer secret' }
const worker = (exports as unknown as { default: Fetcher }).default
export const get = (path: string, headers: Record<string, string> = KEY) =>
  worker.fetch(new Request(`https://latent64.test${path}`, { headers }))

export async function compressed(image: Uint8Array<ArrayBuffer>, query = ''): Promise<CompressResponse> {
  const headers = { ...KEY, 'content-type': 'image/png' }
  const init = { method: 'POST', body: image, headers }
  return (await worker.fetch(new Request(`https://latent64.test/compress${query}`, init))).json()
}

export const put = async (key: string, bytes: Uint8Array<ArrayBuffer> | string): Promise<R2Object> =>
  (await PHOTOS.put(key, bytes))!

/** A PNG of the digits' shape; each shade another picture. */
export async function png(shade = 0): Promise<Uint8Array<ArrayBuffer>> {
  const shape = { height: 28, width: 28, channels: 1 } as const
  const samples = healthImage(shape).map((sample) => Math.min(255, sample + shade))
  return new Uint8Array(await encodePng(samples, shape))
}

/** As R2 sends it. */
export function event(key: string, action = 'PutObject', object: { size?: number; eTag?: string } = {}) {
  const eventTime = new Date(0).toISOString()
  return { account: 'a', action, bucket: BUCKET, object: { key, ...object }, eventTime }
}

interface Delivered {
  acked: number[]
  retried: number[]
}

/** Sends one batch to the consumer. Returns the indices of the messages that were acknowledged and retried. */
export async function deliver(
  bodies: unknown[],
  overridden: Partial<Bindings> = {},
  attempts = 1,
): Promise<Delivered> {
  const messages = bodies.map((body, i) => ({ id: String(i), timestamp: new Date(), attempts, body }))
  const batch = createMessageBatch(QUEUE, messages)
  const context = createExecutionContext()
  await consume(batch, { ...bindings, ...overridden })
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context)
  return { acked: explicitAcks.map(Number), retried: retryMessages.map(({ msgId }) => Number(msgId)) }
}

export async function rows(): Promise<ImageRow[]> {
  return (await DB.prepare('SELECT * FROM images ORDER BY key').all<ImageRow>()).results
}

export async function row(key: string): Promise<ImageRow | undefined> {
  return (await rows()).find((each) => each.key === key)
}

export const problemOf = (image: ImageRow | undefined) => image?.error && JSON.parse(image.error)

/** The bucket with some of its methods replaced, as a binding. */
export function bucketWith(replaced: Partial<R2Bucket>): Partial<Bindings> {
  const PHOTOS_REPLACED = {
    ...{ get: PHOTOS.get.bind(PHOTOS), head: PHOTOS.head.bind(PHOTOS), list: PHOTOS.list.bind(PHOTOS) },
    ...replaced,
  }
  return { PHOTOS: PHOTOS_REPLACED } as Partial<Bindings>
}

/** D1 that fails whenever `isFailing` says so, before or after the statement was carried out. */
export function failingDatabase(isFailing: () => 'before' | 'after' | undefined): Partial<Bindings> {
  const faulty = async <T>(run: () => Promise<T>): Promise<T> => {
    const when = isFailing()
    if (when === 'before') throw new Error('D1_ERROR: Network connection lost.')
    const result = await run()
    if (when === 'after') throw new Error('D1_ERROR: Network connection lost.')
    return result
  }
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get: (target, name) => {
        if (name === 'bind') return (...values: unknown[]) => wrap(target.bind(...values))
        if (name === 'all') return () => faulty(() => target.all())
        if (name === 'run') return () => faulty(() => target.run())
        if (name === 'bare') return target
        return Reflect.get(target, name)
      },
    })
  const bare = (statement: D1PreparedStatement) =>
    (statement as unknown as { bare: D1PreparedStatement }).bare
  return {
    DB: {
      prepare: (query: string) => wrap(DB.prepare(query)),
      batch: (statements: D1PreparedStatement[]) => faulty(() => DB.batch(statements.map(bare))),
    } as unknown as D1Database,
  }
}

/** The bindings with other settings of the bucket. */
export const withSettings = (settings: object): Partial<Bindings> => ({
  BULK_BUCKETS: { [BUCKET]: { binding: 'PHOTOS', ...settings } },
})

export const bucket = () => imageBuckets(bindings).get(BUCKET)!
