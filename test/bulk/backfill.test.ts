import { introspectWorkflow, type WorkflowIntrospector } from 'cloudflare:test'
import { parse } from 'valibot'
import { beforeEach, expect, test } from 'vitest'
import { fillPage } from '../../edge/bulk/backfill/page.ts'
import { BackfillParams, type BackfillReport } from '../../edge/bulk/backfill/params.ts'
import { imageBuckets } from '../../edge/bulk/bucket-settings.ts'
import {
  BUCKET,
  bindings,
  bucket,
  DB,
  deliver,
  event,
  PHOTOS,
  png,
  problemOf,
  put,
  row,
  rows,
  startAfresh,
  withSettings,
} from './bulk.ts'

beforeEach(startAfresh)

async function fill(count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `${String(i).padStart(3, '0')}.png`)
  await Promise.all(keys.map(async (key, i) => put(key, await png(i))))
  return keys
}

type Prepare = (introspector: WorkflowIntrospector) => Promise<void>

/** Runs a backfill to its end, sleeps left out. */
async function backfill(params: object, prepare: Prepare = async () => undefined): Promise<BackfillReport> {
  await using introspector = await introspectWorkflow(bindings.BACKFILL)
  await introspector.modifyAll(async (instance) => {
    await instance.disableSleeps()
    await instance.disableRetryDelays()
  })
  await prepare(introspector)
  await bindings.BACKFILL.create({ params: { bucket: BUCKET, ...params } })
  for (let part = 0; ; part++) {
    const instance = (await introspector.get())[part]
    await instance.waitForStatus('complete')
    const output = (await instance.getOutput()) as BackfillReport | { continuedBy: string }
    if (!('continuedBy' in output)) return output
  }
}

/** Until the queue has delivered all: its batches wait for up to five seconds. */
async function settled(isSettled: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 200) {
    if (await isSettled()) return
    await scheduler.wait(200)
  }
  throw new Error('the queue did not settle')
}

const codes = async () => (await rows()).filter(({ code }) => code !== null).length

test('a bucket is listed page by page, queued, compressed, and reported', async () => {
  const keys = await fill(25)
  await put('z.txt', 'no image')
  const report = await backfill({ pageKeys: 10 })
  expect(report).toMatchObject({ listed: 26, queued: 26, missing: 0 })
  await settled(async () => (await rows()).length === 26)
  expect((await rows()).map(({ key }) => key)).toEqual([...keys, 'z.txt'])
  expect(await codes()).toBe(25)
  expect(await backfill({ pageKeys: 7 })).toMatchObject({
    listed: 26,
    queued: 0,
    images: 25,
    failures: { 'unsupported-type': 1 },
  })
})

test('a dry run counts, estimates the cost by item, and queues nothing', async () => {
  await fill(5)
  await deliver([event('001.png')])
  const report = await backfill({ dryRun: true })
  expect(report).toMatchObject({ listed: 5, queued: 4 })
  expect(Object.keys(report.dollars)).toContain('Queues')
  expect(Object.values(report.dollars).every((dollars) => dollars >= 0)).toBe(true)
  expect((await bindings.QUEUE.metrics()).backlogCount).toBe(0)
  expect(await rows()).toHaveLength(1)
})

test('a step that fails is repeated, and the run ends as if it had not failed', async () => {
  await fill(25)
  const report = await backfill({ pageKeys: 10, dryRun: true }, async (introspector) => {
    await introspector.modifyAll(async (instance) => {
      await instance.mockStepError({ name: 'page 2' }, new Error('the isolate died'), 3)
      await instance.mockStepError({ name: 'report' }, new Error('the isolate died'), 1)
    })
  })
  expect(report).toMatchObject({ listed: 25, queued: 25 })
})

test('when an instance’s steps are used up the next one continues, its counts too', async () => {
  await fill(25)
  const report = await backfill({ pageKeys: 5, pagesPerInstance: 2, dryRun: true })
  expect(report).toMatchObject({ listed: 25, queued: 25 })
  const { results } = await DB.prepare('SELECT state, listed, last_key FROM backfills').all()
  expect(results).toMatchObject([{ state: 'complete', listed: 25 }])
})

test('only what has changed is queued: new objects, new versions, other settings, rows without an object', async () => {
  await fill(6)
  await deliver(['000.png', '001.png', '002.png', '003.png'].map((key) => event(key)))
  await put('001.png', await png(99))
  await PHOTOS.delete('002.png')
  expect(await backfill({ dryRun: true })).toMatchObject({ listed: 5, queued: 3, missing: 1 })
  const other = { ...bindings, ...withSettings({ maxBytes: 20 }) }
  const params = parse(BackfillParams, { bucket: BUCKET, dryRun: true })
  const page = await fillPage(other, imageBuckets(other).get(BUCKET)!, params, '')
  expect(page).toMatchObject({ listed: 5, queued: 5, missing: 1 })
  await backfill({})
  await settled(async () => (await codes()) === 5)
  expect((await row('001.png'))?.etag).toBe((await PHOTOS.head('001.png'))?.etag)
  expect(await row('002.png')).toBeUndefined()
})

test('`failed` queues the rows with problems once more, `all` every object', async () => {
  await fill(2)
  await put('z.txt', 'no image')
  await deliver(['000.png', '001.png', 'z.txt'].map((key) => event(key)))
  const before = problemOf(await row('z.txt'))
  expect(before).toMatchObject({ status: 415 })
  expect(await backfill({ dryRun: true })).toMatchObject({ queued: 0 })
  expect(await backfill({ dryRun: true, which: 'failed' })).toMatchObject({ queued: 1 })
  expect(await backfill({ dryRun: true, which: 'all' })).toMatchObject({ queued: 3 })
  const { at } = (await row('z.txt'))!
  await backfill({ which: 'failed' })
  await settled(async () => (await row('z.txt'))!.at !== at)
  expect(problemOf(await row('z.txt'))).toEqual(before)
})

test('it is limited by a prefix, by a key to continue from, and by the bucket’s own prefix and suffixes', async () => {
  for (const key of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.txt']) await put(key, await png())
  expect(await backfill({ dryRun: true, prefix: 'a/' })).toMatchObject({ listed: 2 })
  expect(await backfill({ dryRun: true, after: 'a/2.png' })).toMatchObject({ listed: 2 })
  const narrow = { ...bindings, ...withSettings({ prefix: 'b/', suffixes: ['.png'] }) }
  const narrowBucket = imageBuckets(narrow).get(BUCKET)!
  const page = (prefix: string) =>
    fillPage(narrow, narrowBucket, parse(BackfillParams, { bucket: BUCKET, dryRun: true, prefix }), '')
  expect(await page('')).toMatchObject({ listed: 1 })
  expect(await page('b')).toMatchObject({ listed: 1 })
  expect(await page('a/')).toMatchObject({ listed: 0, lastKey: undefined })
})

test('pages end at one key for objects and rows, in the order of UTF-8', async () => {
  // In UTF-16, JavaScript's order, the clef would come before the private letter.
  const keys = ['a', '\uE000', '\uFFFD', '𝄞', '\u{10FFFF}']
  for (const key of keys) await put(key, await png())
  await deliver(keys.map((key) => event(key)))
  for (const key of keys.slice(1)) await PHOTOS.delete(key)
  for (const pageKeys of [1, 2, 3]) {
    const params = parse(BackfillParams, { bucket: BUCKET, dryRun: true, pageKeys })
    let [listed, missing, after] = [0, 0, '' as string | undefined]
    for (let pages = 0; after !== undefined && pages < 20; pages++) {
      const page = await fillPage(bindings, bucket(), params, after)
      listed += page.listed
      missing += page.missing
      after = page.lastKey
    }
    expect({ listed, missing }).toEqual({ listed: 1, missing: 4 })
  }
})

test('params that can’t be run fail at once and say why', async () => {
  for (const [params, message] of [
    [{ bucket: 'other' }, 'photos'],
    [{ perSecond: 0 }, 'perSecond'],
    [{ wich: 'all' }, 'wich'],
  ] as const) {
    await using introspector = await introspectWorkflow(bindings.BACKFILL)
    await bindings.BACKFILL.create({ params: { bucket: BUCKET, ...params } })
    const [instance] = await introspector.get()
    await instance!.waitForStatus('errored')
    expect((await instance!.getError()).message).toContain(message)
  }
})
