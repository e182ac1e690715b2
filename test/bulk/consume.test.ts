import { beforeEach, expect, test } from 'vitest'
import {
  BUCKET,
  compressed,
  DB,
  deliver,
  event,
  failingDatabase,
  PHOTOS,
  png,
  put,
  row,
  rows,
  startAfresh,
  withSettings,
} from './bulk.ts'

beforeEach(startAfresh)

test('an object becomes a row with exactly the code that POST /compress returns', async () => {
  const image = await png()
  const { etag } = await put('a.png', image)
  expect(await deliver([event('a.png')])).toEqual({ acked: [0], retried: [] })
  const response = await compressed(image)
  expect(await rows()).toEqual([
    {
      ...{
        bucket: BUCKET,
        key: 'a.png',
        etag,
        code: response.code,
        width: 28,
        height: 28,
        model: response.model,
      },
      ...{
        bytes: response.bytes.total,
        mse: response.error.mse,
        in_distribution: Number(response.inDistribution),
      },
      ...{ settings: expect.any(String), at: expect.any(String), error: null },
    },
  ])
})

test('a second delivery, in the same batch or later, changes nothing, not even the time', async () => {
  await put('a.png', await png())
  expect(await deliver([event('a.png'), event('a.png')])).toEqual({ acked: [0, 1], retried: [] })
  const first = await rows()
  expect(first).toHaveLength(1)
  await deliver([event('a.png'), event('a.png')])
  expect(await rows()).toEqual(first)
})

test('an older event after a newer one leaves the code of the object as it is', async () => {
  const old = await put('a.png', await png(0))
  const now = await put('a.png', await png(60))
  await deliver([event('a.png', 'PutObject', { eTag: now.etag })])
  const right = await row('a.png')
  expect(right?.etag).toBe(now.etag)
  await deliver([event('a.png', 'PutObject', { eTag: old.etag, size: 1 })])
  expect(await row('a.png')).toEqual(right)
})

test('a delete removes the row; before its create, or after a new one, it removes nothing', async () => {
  await put('a.png', await png())
  await deliver([event('a.png', 'DeleteObject'), event('a.png')])
  expect(await rows()).toHaveLength(1)
  await PHOTOS.delete('a.png')
  await deliver([event('a.png', 'DeleteObject')])
  expect(await rows()).toEqual([])
  await deliver([event('a.png')]) // a create that comes after its delete
  expect(await rows()).toEqual([])
  const { etag } = await put('a.png', await png(9))
  await deliver([event('a.png')])
  await deliver([event('a.png', 'LifecycleDeletion')])
  expect((await row('a.png'))?.etag).toBe(etag)
})

test('any key is kept exactly: unicode, slashes, quotes, controls, 1,024 bytes', async () => {
  const keys = [
    'ä/𝄞/日本.png',
    `it's "quoted"; DROP TABLE images; --`,
    '../..//.',
    ' ',
    '%2F%00',
    'a\u0000b\n',
    'é',
    'e\u0301',
    'x'.repeat(1024),
    '𝄞'.repeat(256),
  ]
  const image = await png()
  for (const key of keys) await put(key, image)
  await deliver(keys.map((key) => event(key)))
  expect((await rows()).map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
  expect((await rows()).every(({ code }) => code !== null)).toBe(true)
})

test('anything but a message about an object is acknowledged, as a retry would not help', async () => {
  await put('a.png', await png())
  const keys = ['', 'x'.repeat(1025), '€'.repeat(400), 'half\ud800']
  const ofNoObject = keys.map((key) => ({ bucket: BUCKET, object: { key } }))
  const bodies = [null, 'x', {}, { bucket: BUCKET }, ...ofNoObject, event('a.png')]
  expect(await deliver(bodies)).toEqual({ acked: bodies.map((_, i) => i), retried: [] })
  expect(await rows()).toHaveLength(1)
})

test('messages of a bucket without settings are kept for when it has some', async () => {
  expect(await deliver([{ ...event('a.png'), bucket: 'other' }])).toEqual({ acked: [], retried: [0] })
})

test('the bucket’s model and bounds are used, and changing them makes a row outdated', async () => {
  const image = await png()
  await put('a.png', image)
  await deliver([event('a.png')])
  const free = await row('a.png')
  const bounded = withSettings({ model: 'mnist', maxBytes: 16 })
  await deliver([event('a.png')], bounded)
  const small = await row('a.png')
  expect(small?.code).toBe((await compressed(image, '?model=mnist&maxBytes=16')).code)
  expect(small?.bytes).toBeLessThanOrEqual(16)
  expect(small?.settings).not.toBe(free?.settings)
  await deliver([event('a.png')], bounded)
  expect(await row('a.png')).toEqual(small)
})

test('keys outside the bucket’s prefix and suffixes are not images', async () => {
  for (const key of ['in/a.PNG', 'in/a.txt', 'out/a.png']) await put(key, await png())
  await deliver([event('in/a.PNG'), event('in/a.txt'), event('out/a.png')])
  expect(await rows()).toHaveLength(3)
  const narrow = withSettings({ prefix: 'in/', suffixes: ['.png'] })
  const bodies = [event('in/a.PNG'), event('in/a.txt'), event('out/a.png')]
  expect(await deliver(bodies, narrow)).toEqual({ acked: [0, 1, 2], retried: [] })
  expect((await rows()).map(({ key }) => key)).toEqual(['in/a.PNG'])
})

test('malformed settings lose no message', async () => {
  await put('a.png', await png())
  for (const settings of [{ maxBytes: 0 }, { model: 5 }, { maxbytes: 20 }])
    expect(await deliver([event('a.png')], withSettings(settings))).toEqual({ acked: [], retried: [0] })
})

test('a batch takes few statements: one read and one write for a hundred messages', async () => {
  const keys = Array.from({ length: 100 }, (_, i) => `${'\u0001'.repeat(1000)}${i}`)
  const image = await png()
  for (const key of keys) await put(key, image)
  let calls = 0
  const counted = failingDatabase(() => {
    calls++
    return undefined
  })
  await deliver(
    keys.map((key) => event(key)),
    counted,
  )
  expect((await DB.prepare('SELECT count(*) AS n FROM images WHERE code IS NOT NULL').first())!.n).toBe(100)
  expect(calls).toBeLessThanOrEqual(3) // the third: the queues' backlogs, once a minute
})
