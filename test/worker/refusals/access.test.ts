import { expect, test } from 'vitest'
import type { Bindings } from '../../../edge/settings.ts'
import { expectProblem, picture, RAW } from '../call.ts'
import { callWith } from '../call-with.ts'

const KEYS = { API_KEYS: 'alice:correct-horse, battery-staple' }
const compressAs = (bindings: Partial<Bindings>, authorization?: string) =>
  callWith(bindings, '/compress', {
    method: 'POST',
    body: picture(),
    headers: { 'content-type': RAW, ...(authorization !== undefined && { authorization }) },
  })

test('with API keys set, compress, decompress and models need one of them', async () => {
  for (const path of ['/models', '/models/mnist'])
    await expectProblem(await callWith(KEYS, path), 401, 'unauthorized')
  await expectProblem(await callWith(KEYS, '/decompress', { method: 'POST', body: 'x' }), 401, 'unauthorized')
  const response = await compressAs(KEYS)
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="latent64"')
  await expectProblem(response, 401, 'unauthorized')
  const wrong = [
    'Bearer nope',
    'Bearer correct-horse2',
    'Bearer alice:correct-horse',
    'Bearer ',
    'Basic correct-horse',
  ]
  for (const header of wrong) await expectProblem(await compressAs(KEYS, header), 401, 'unauthorized')
  for (const header of ['Bearer correct-horse', 'bearer battery-staple'])
    expect((await compressAs(KEYS, header)).status).toBe(200)
})

test('a list of keys without any key refuses everyone', async () => {
  await expectProblem(await compressAs({ API_KEYS: ' , ' }, 'Bearer x'), 401, 'unauthorized')
})

test('GET /images is closed without API keys, and absent if no bucket is compressed', async () => {
  const headers = { authorization: 'Bearer correct-horse' }
  for (const path of ['/images', '/images/a']) {
    await expectProblem(await callWith({}, path), 401, 'unauthorized')
    await expectProblem(await callWith(KEYS, path), 401, 'unauthorized')
    await expectProblem(await callWith(KEYS, path, { headers }), 404, 'not-found')
  }
})

test('the page, health, docs and previews stay public', async () => {
  for (const path of ['/', '/health', '/docs', '/openapi.json', '/static/models/index.json'])
    expect((await callWith(KEYS, path)).status).toBe(200)
  await expectProblem(await callWith(KEYS, '/preview/AAAA'), 400, 'malformed-code')
})

test('each key has its own rate limit, by the real binding; without keys there is no limit', async () => {
  const once = (key: string) => callWith(KEYS, '/models', { headers: { authorization: `Bearer ${key}` } })
  let limited: Response | undefined
  for (let i = 0; i < 1300 && limited === undefined; i++) {
    const response = await once('correct-horse') // 600 in each window of a minute: one window may end meanwhile
    if (response.status === 429) limited = response
  }
  expect(limited!.headers.get('retry-after')).toBe('60')
  await expectProblem(limited!, 429, 'rate-limited')
  expect((await once('battery-staple')).status).toBe(200)
  expect((await callWith({}, '/models')).status).toBe(200)
})

test('CORS: any origin by default, only the listed ones if a list is set', async () => {
  const from = (origin: string, list?: string) =>
    callWith(list === undefined ? {} : { CORS_ORIGINS: list }, '/models', { headers: { origin } })
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin')
  expect(allowed(await from('https://a.example'))).toBe('*')
  const list = 'https://a.example, https://b.example'
  const listed = await from('https://b.example', list)
  expect(allowed(listed)).toBe('https://b.example')
  expect(listed.headers.get('vary')).toContain('origin')
  expect(allowed(await from('https://c.example', list))).toBeNull()
  expect(allowed(await from('https://a.example', ''))).toBeNull()
})

test('a preflight succeeds without a key', async () => {
  const headers = { origin: 'https://a.example', 'access-control-request-method': 'POST' }
  const response = await callWith(KEYS, '/compress', { method: 'OPTIONS', headers })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-headers')).toContain('Authorization')
})

test('every response has its id, its timing and secure headers, problems too', async () => {
  for (const path of ['/', '/models', '/nope', '/preview/x']) {
    const { headers } = await callWith({}, path, { headers: { 'x-request-id': 'mine-1' } })
    expect(headers.get('x-request-id')).toBe('mine-1')
    expect(headers.get('server-timing')).toMatch(/^read;dur=[\d.]+, codec;dur=[\d.]+, total;dur=[\d.]+$/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src '")
  }
  const { headers } = await callWith({}, '/models', { headers: { 'x-request-id': 'no\ttabs' } })
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}-\d+$/)
})

test('a data point is written if Analytics Engine is bound, without any content', async () => {
  const points: AnalyticsEngineDataPoint[] = []
  const METRICS = {
    writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point),
  } as AnalyticsEngineDataset
  await compressAs({ METRICS })
  const problem = await callWith({ METRICS }, '/preview/SECRETCODE')
  await problem.text()
  expect(points.map(({ blobs }) => blobs!.slice(0, 3))).toEqual([
    ['/compress', 'POST', '200'],
    ['/preview/:code', 'GET', '400'],
  ])
  expect(points[0].doubles).toHaveLength(6)
  expect(JSON.stringify(points)).not.toContain('SECRETCODE')
})
