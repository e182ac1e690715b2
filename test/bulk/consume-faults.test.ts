/** The consumer while D1 and R2 fail, objects change under it, and isolates die. */
import { beforeEach, expect, test } from 'vitest'
import {
  bucketWith,
  deliver,
  event,
  failingDatabase,
  PHOTOS,
  png,
  problemOf,
  put,
  row,
  rows,
  startAfresh,
} from './bulk.ts'

beforeEach(startAfresh)

test('a D1 that fails from time to time, before or after writing, loses nothing', async () => {
  const keys = Array.from({ length: 40 }, (_, i) => `${i}.png`)
  for (const [i, key] of keys.entries()) await put(key, await png(i))
  let call = 0
  const faulty = failingDatabase(() => (['before', 'after', undefined] as const)[call++ % 3])
  let left = keys
  for (let attempt = 1; left.length > 0 && attempt < 10; attempt++) {
    const { retried } = await deliver(
      left.map((key) => event(key)),
      faulty,
      attempt,
    )
    left = retried.map((i) => left[i])
  }
  expect(left).toEqual([])
  expect((await rows()).map(({ key }) => key)).toEqual(keys.toSorted())
})

test('while D1 is down every message is retried', async () => {
  await put('a.png', await png())
  const down = failingDatabase(() => 'before')
  expect(await deliver([event('a.png'), event('b.png')], down)).toEqual({ acked: [], retried: [0, 1] })
  expect(await rows()).toEqual([])
})

test('a consumer that is killed in the middle leaves rows that its second delivery completes', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => `${String(i).padStart(2, '0')}.png`)
  for (const [i, key] of keys.entries()) await put(key, await png(i))
  let reads = 0
  const never = new Promise<never>(() => undefined)
  const dying = bucketWith({
    get: ((key: string, options: R2GetOptions) =>
      ++reads > 12 ? never : PHOTOS.get(key, options)) as R2Bucket['get'],
  })
  void deliver(
    keys.map((key) => event(key)),
    dying,
  )
  await deliver(keys.slice(0, 5).map((key) => event(key)))
  await deliver(
    keys.map((key) => event(key)),
    {},
    2,
  )
  expect((await rows()).map(({ key, code }) => [key, code !== null])).toEqual(keys.map((key) => [key, true]))
})

test('an object that is overwritten while it is read ends with the row of its last version', async () => {
  await put('a.png', await png(0))
  let writes = 0
  const racing = bucketWith({
    get: (async (key: string, options: R2GetOptions) => {
      const object = await PHOTOS.get(key, options)
      if (writes++ < 2) await put(key, await png(20 * writes))
      return object
    }) as R2Bucket['get'],
  })
  expect(await deliver([event('a.png')], racing)).toEqual({ acked: [0], retried: [] })
  expect((await row('a.png'))?.etag).toBe((await PHOTOS.head('a.png'))?.etag)
})

test('an object that keeps changing is left to a later message', async () => {
  await put('a.png', await png(0))
  let writes = 0
  const racing = bucketWith({
    head: async (key: string) => {
      await put(key, await png(++writes))
      return PHOTOS.head(key)
    },
  })
  expect(await deliver([event('a.png')], racing)).toEqual({ acked: [], retried: [0] })
})

test('a slow consumer that read an older version does not have the last word', async () => {
  const old = await put('a.png', await png(0))
  const { promise: newer, resolve: hasWritten } = Promise.withResolvers<void>()
  let reads = 0
  const slow = bucketWith({
    get: (async (key: string, options: R2GetOptions) => {
      const object = await PHOTOS.get(key, options)
      if (++reads === 1) await newer
      return object
    }) as R2Bucket['get'],
  })
  const first = deliver([event('a.png', 'PutObject', { eTag: old.etag })], slow)
  const now = await put('a.png', await png(90))
  await deliver([event('a.png', 'PutObject', { eTag: now.etag })])
  hasWritten()
  await first
  expect((await row('a.png'))?.etag).toBe(now.etag)
})

test('a slow consumer does not bring back the row of an object that was deleted meanwhile', async () => {
  await put('a.png', await png(0))
  let reads = 0
  const slow = bucketWith({
    get: (async (key: string, options: R2GetOptions) => {
      const object = await PHOTOS.get(key, options)
      if (++reads === 1) {
        await PHOTOS.delete(key)
        await deliver([event(key, 'DeleteObject')])
      }
      return object
    }) as R2Bucket['get'],
  })
  await deliver([event('a.png')], slow)
  expect(await rows()).toEqual([])
})

test('if R2 fails the message is retried, its row says so, and a code that is there stays', async () => {
  await put('old.png', await png(0))
  await deliver([event('old.png')])
  const before = await row('old.png')
  await put('new.png', await png(0))
  const failing = bucketWith({
    get: (() => Promise.reject(new Error('internal error (10001)'))) as R2Bucket['get'],
  })
  const bodies = [event('old.png'), event('new.png')]
  expect(await deliver(bodies, failing)).toEqual({ acked: [], retried: [0, 1] })
  expect(await row('old.png')).toEqual(before)
  expect(problemOf(await row('new.png'))).toMatchObject({ type: '/docs#internal', status: 500 })
  expect(await deliver(bodies, {}, 2)).toEqual({ acked: [0, 1], retried: [] })
  expect((await row('new.png'))?.error).toBeNull()
})

test('an object whose stream breaks off is retried, not called malformed', async () => {
  await put('a.png', await png(0))
  const broken = bucketWith({
    get: (async (key: string) => {
      const object = (await PHOTOS.get(key))!
      const short = new Blob([(await object.bytes()).subarray(0, 100)]).stream()
      return { body: short, size: object.size, etag: object.etag, key }
    }) as unknown as R2Bucket['get'],
  })
  expect(await deliver([event('a.png')], broken)).toEqual({ acked: [], retried: [0] })
})

test('in a batch that one object keeps crashing, the others still get their rows', async () => {
  const keys = Array.from({ length: 25 }, (_, i) => `${String(i).padStart(2, '0')}.png`)
  for (const [i, key] of keys.entries()) await put(key, await png(i))
  const never = new Promise<never>(() => undefined) // a dead isolate never responds
  const dying = bucketWith({
    get: ((key: string, options: R2GetOptions) =>
      key === '07.png' ? never : PHOTOS.get(key, options)) as R2Bucket['get'],
  })
  const bodies = keys.map((key) => event(key))
  for (let attempts = 1; attempts <= 10; attempts++) {
    void deliver(bodies, dying, attempts)
    await scheduler.wait(300)
  }
  const written = (await rows()).map(({ key }) => key)
  expect(written).not.toContain('07.png')
  expect(written.length).toBeGreaterThanOrEqual(20) // 23 or 24 without bad luck
})
