import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { endOfPrefix, type ImageRow, writeRows } from '../../edge/bulk/images/rows.ts'
import type { StoredImage, StoredImages } from '../../edge/bulk/images/schemas.ts'
import { expectProblem } from '../worker/call.ts'
import { BUCKET, DB, deliver, event, get, png, put, startAfresh } from './bulk.ts'

const stored = (key: string): ImageRow => ({
  ...{
    key,
    etag: 'e',
    code: 'AAAA',
    width: 3,
    height: 2,
    model: 'photo',
    bytes: 3,
    mse: 0.25,
    settings: 's',
  },
  ...{ in_distribution: 1, at: '2026-01-01T00:00:00.000Z', error: null },
})
const store = (...keys: string[]) => writeRows(DB, BUCKET, keys.map(stored), [])
const page = async (query: string): Promise<StoredImages> => (await get(`/images${query}`)).json()
const keysOf = ({ images }: StoredImages) => images.map(({ key }) => key)

describe('GET /images', () => {
  beforeEach(startAfresh)

  test('lists codes and problems in the order of keys', async () => {
    await put('b.png', await png())
    await put('a.txt', 'no image')
    await deliver([event('b.png'), event('a.txt')])
    const { images, cursor } = await page('')
    expect(cursor).toBeUndefined()
    expect(images).toMatchObject([
      { key: 'a.txt', error: { type: '/docs#unsupported-type', title: expect.any(String), status: 415 } },
      {
        key: 'b.png',
        bucket: BUCKET,
        code: expect.stringMatching(/^[\w-]+$/),
        width: 28,
        inDistribution: false,
      },
    ])
    expect(images[0]).not.toHaveProperty('code')
    expect(images[1]).not.toHaveProperty('error')
  })

  test('pages are stable while rows come and go: those that last appear exactly once', async () => {
    const lasting = Array.from({ length: 30 }, (_, i) => `k${String(i).padStart(2, '0')}`)
    await store(...lasting)
    const seen: string[] = []
    let query = '?limit=7'
    for (let pages = 0; ; pages++) {
      const { images, cursor } = await page(query)
      seen.push(...images.map(({ key }) => key))
      if (cursor === undefined) break
      query = `?limit=7&cursor=${cursor}`
      await store(`a${pages}`, `k${pages}x`) // before and behind the cursor
      if (pages > 0) await writeRows(DB, BUCKET, [], [`a${pages - 1}`, seen.at(-1)!]) // the cursor's own row too
    }
    expect(seen.filter((key) => lasting.includes(key))).toEqual(lasting)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('a prefix is matched literally: quotes, wildcards, slashes, unicode', async () => {
    const keys = [
      '100%/a',
      '100x/a',
      'a_b',
      'axb',
      "it's/1",
      '日本/1',
      '日本/2',
      '日未',
      '𝄞/1',
      '\u{10FFFF}/1',
      'a/𝄞',
    ]
    await store(...keys)
    for (const prefix of ['100%', 'a_', "it's/", '日本/', '𝄞', '\u{10FFFF}', 'a', '', 'none']) {
      const expected = keys.filter((key) => key.startsWith(prefix))
      expect(keysOf(await page(`?prefix=${encodeURIComponent(prefix)}`)).toSorted()).toEqual(
        expected.toSorted(),
      )
    }
  })

  test('requested keys come in one response, without those that have no row', async () => {
    await store('a', 'b/c', '&=?', 'd')
    const query = ['d', 'b/c', '&=?', 'none'].map((key) => `key=${encodeURIComponent(key)}`).join('&')
    expect(keysOf(await page(`?${query}`))).toEqual(['&=?', 'b/c', 'd'])
    await expectProblem(await get(`/images?${'key=a&'.repeat(101)}`), 400, 'malformed')
    await expectProblem(await get('/images?key=a&prefix=b'), 400, 'malformed')
  })

  test('all images come as NDJSON, a line each', async () => {
    const keys = Array.from({ length: 12_000 }, (_, i) => `k${String(i).padStart(5, '0')}`)
    for (let at = 0; at < keys.length; at += 3000) await store(...keys.slice(at, at + 3000))
    const response = await get('/images', { authorization: 'Bearer secret', accept: 'application/x-ndjson' })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await response.text()).split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => (JSON.parse(line) as StoredImage).key)).toEqual(keys)
  })

  test('a wrong parameter is a problem that names it', async () => {
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=x',
      'cursor=%00',
      'cursor=_w',
      'prefx=a',
      'prefix=a&prefix=b',
    ])
      expect(await expectProblem(await get(`/images?${query}`), 400, 'malformed')).toMatch(
        query.split('=')[0],
      )
    await expectProblem(await get('/images?bucket=other'), 404, 'not-found')
  })
})

describe('GET /images/{key}', () => {
  const keys = [
    'a',
    'a/b/c.png',
    'ä 日本/𝄞.png',
    '50%25.png',
    'a?b#c',
    `"'`,
    'a\nb',
    'x'.repeat(1024),
    '//',
    'a//b',
  ]
  beforeAll(async () => {
    await startAfresh()
    await store(...keys)
  })

  test('finds a key with its slashes encoded or not', async () => {
    for (const key of keys) {
      const whole = encodeURIComponent(key)
      for (const path of [whole, whole.replaceAll('%2F', '/')])
        expect(await (await get(`/images/${path}`)).json()).toMatchObject({ key, code: 'AAAA' })
    }
  })

  test('a key without a row is a 404, one that is not UTF-8 a 400', async () => {
    for (const path of ['b', 'a/', 'A', '50%25.png'])
      await expectProblem(await get(`/images/${path}`), 404, 'not-found')
    await expectProblem(await get('/images/%ff'), 400, 'malformed')
  })

  test('nothing is returned without a key, whatever the path looks like', async () => {
    const paths = ['/images', '/images?key=a', ...keys.map((key) => `/images/${encodeURIComponent(key)}`)]
    for (const path of [...paths, '/images/', '//images/a', '/images//a'])
      expect([401, 404]).toContain((await get(path, {})).status)
    await expectProblem(await get('/images/a', { authorization: 'Bearer wrong' }), 401, 'unauthorized')
  })
})

test('the end of a prefix is the first text after all that begin with it', () => {
  expect(endOfPrefix('')).toBeNull()
  expect(endOfPrefix('\u{10FFFF}')).toBeNull()
  expect(endOfPrefix('ab')).toBe('ac')
  expect(endOfPrefix('a\u{10FFFF}')).toBe('b')
  expect(endOfPrefix('\uD7FF')).toBe('\uE000')
})
