import { beforeAll, expect, test } from 'vitest'
import { bytesInFlight } from '../../../edge/http/bytes-in-flight.ts'
import type { Bindings } from '../../../edge/settings.ts'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import { compressedPicture, expectProblem, JSON_TYPE, picture, RAW } from '../call.ts'
import { callWith } from '../call-with.ts'

let code: string

beforeAll(async () => {
  code = (await compressedPicture()).code
})

const OPEN: Partial<Bindings> = { ADDRESS_LIMITER: undefined }
const from = (address: string, init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { ...init.headers, 'cf-connecting-ip': address },
})
const grey = (width: number, height: number) =>
  encodePng(new Uint8Array(width * height).fill(77), { width, height, channels: 1 })
const postPng = (png: Uint8Array<ArrayBuffer>): RequestInit => ({
  method: 'POST',
  body: png,
  headers: { 'content-type': 'image/png' },
})
const drawn = (accept: string): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ code }),
  headers: { 'content-type': JSON_TYPE, accept },
})

test('the images of a form share a budget of pixels, and a form that exceeds it is refused before any image is decoded', async () => {
  const form = (count: number, last: Uint8Array<ArrayBuffer>) => {
    const body = new FormData()
    for (let i = 1; i < count; i++) body.append('image', new File([grey(100, 100)], 'a'))
    body.append('image', new File([last], 'b'))
    return { method: 'POST', body }
  }
  const limits = { ...OPEN, MAX_PIXELS: 40_000 }
  const broken = grey(100, 100)
  broken[50] ^= 0xff // in its data, so that the header is read well
  expect((await callWith(limits, '/compress', form(4, grey(100, 100)))).status).toBe(200)
  await expectProblem(await callWith(limits, '/compress', form(4, broken)), 400, 'malformed-image')
  const detail = await expectProblem(await callWith(limits, '/compress', form(5, broken)), 413, 'too-large')
  expect(detail).toBe('the images of a request may have 40000 pixels together, these have 50000')
})

test('raw samples have the same bound as JSON; a picture with too long a side is refused with the width to ask for', async () => {
  for (const accept of [RAW, JSON_TYPE]) {
    expect((await callWith(OPEN, '/decompress?width=1000', drawn(accept))).status).toBe(200)
    const response = await callWith(OPEN, '/decompress?width=1001', drawn(accept))
    expect(await expectProblem(response, 413, 'too-large')).toContain('1000000 samples, this one has 1002001')
  }
  const wide = await callWith(OPEN, '/compress?model=photo', postPng(grey(1000, 1))) // keeps any aspect
  const { code: wideCode } = (await wide.json()) as { code: string }
  const body = JSON.stringify({ code: wideCode })
  const request = { method: 'POST', body, headers: { 'content-type': JSON_TYPE } }
  const detail = await expectProblem(
    await callWith(OPEN, '/decompress?width=20000', request),
    413,
    'too-large',
  )
  expect(detail).toMatch(/^a picture of 20000 x 20 has a side of more than 16384: ask for \?width=16384/)
  expect((await callWith(OPEN, '/decompress?width=16384', request)).status).toBe(200)
})

test('MAX_OUTPUT_PIXELS is the only limit of drawing', async () => {
  const large = { ...OPEN, MAX_OUTPUT_PIXELS: 5_000_000 }
  expect((await callWith(large, '/decompress?width=2200', drawn('image/png'))).status).toBe(200)
  await expectProblem(await callWith(OPEN, '/decompress?width=2200', drawn('image/png')), 413, 'too-large')
})

test('previews are drawn in few widths, and smaller for clients without a key', async () => {
  const tags = new Set<string>()
  for (let width = 900; width < 1024; width += 10)
    tags.add((await callWith(OPEN, `/preview/${code}?width=${width}`)).headers.get('etag')!)
  expect([...tags]).toEqual([`"${code}.1024"`])
  const response = await callWith(OPEN, `/preview/${code}?width=1025`)
  const { maxWidth } = (await response.clone().json()) as { maxWidth: number }
  await expectProblem(response, 413, 'too-large')
  expect((await callWith(OPEN, `/preview/${code}?width=${maxWidth}`)).status).toBe(200)
  const known = { headers: { authorization: 'Bearer secret' } }
  const closed = { ...OPEN, API_KEYS: 'alice:secret' }
  expect((await callWith(closed, `/preview/${code}?width=1100`, known)).status).toBe(200)
  await expectProblem(
    await callWith(closed, `/preview/${code}?width=64`, { headers: { authorization: 'Bearer wrong' } }),
    401,
    'unauthorized',
  )
})

test('each address has its own allowance of pixels, for few large pictures or many small ones', async () => {
  const limits = { ...OPEN, ADDRESS_PIXELS_PER_MINUTE: 1_000_000 }
  const until429 = async (address: string, path: (i: number) => string, init?: RequestInit) => {
    for (let i = 0; i < 500; i++) {
      const response = await callWith(limits, path(i), from(address, init))
      if (response.status === 429) return { count: i, response }
    }
    throw new Error('never refused')
  }
  const large = await until429('203.0.113.1', () => `/decompress?width=256`, drawn('image/png'))
  const small = await until429('203.0.113.2', () => '/models')
  expect(large.count).toBeLessThan(8)
  expect(small.count).toBeGreaterThan(40)
  expect(Number(small.response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  await expectProblem(small.response, 429, 'rate-limited')
  expect((await callWith(limits, '/models', from('203.0.113.3'))).status).toBe(200)
  for (const path of ['/', '/health', `/preview/${code}`, '/compress'])
    expect((await callWith(limits, path, from('203.0.113.2'))).status).toBe(429)
})

test('an IPv6 address counts as its network of 64 bits; a developer’s own machine has no limit', async () => {
  // Not a multiple of a request's 20,000: the last one allowed overdraws it, and nothing gets in for seconds.
  const limits = { ...OPEN, ADDRESS_PIXELS_PER_MINUTE: 90_000 }
  const statuses = async (address: (i: number) => string) => {
    const all = []
    for (let i = 0; i < 8; i++) all.push((await callWith(limits, '/models', from(address(i)))).status)
    return all
  }
  expect(await statuses((i) => `2001:db8:1:2::${i}`)).toContain(429)
  expect(await statuses((i) => `2001:db8:1:2:3:4:5:${i}`)).toEqual(new Array(8).fill(429))
  expect(await statuses((i) => `2001:db8:${i}:3::1`)).not.toContain(429)
  for (const local of ['127.0.0.1', '::1']) expect(await statuses(() => local)).not.toContain(429)
})

test('wrong keys are counted by address: after thirty the right one has to wait as well', async () => {
  const closed = { ...OPEN, API_KEYS: 'alice:secret' }
  const status = async (address: string, key: string) =>
    (await callWith(closed, '/models', from(address, { headers: { authorization: `Bearer ${key}` } }))).status
  const wrong: number[] = []
  for (let i = 0; i < 40; i++) wrong.push(await status('203.0.113.9', `guess-${i}`))
  expect(wrong.slice(0, 30)).toEqual(new Array(30).fill(401))
  expect(wrong.slice(32)).toEqual(new Array(8).fill(429))
  expect(await status('203.0.113.9', 'secret')).toBe(429)
  expect(await status('203.0.113.10', 'secret')).toBe(200)
  expect((await callWith(closed, '/health', from('203.0.113.9'))).status).toBe(200)
})

test('bytes in flight are counted, refused with 503 beyond the bound, and released', async () => {
  const raw = (body: Uint8Array<ArrayBuffer>) => ({ method: 'POST', body, headers: { 'content-type': RAW } })
  const tight = { ...OPEN, MAX_BYTES_IN_FLIGHT: 400_000 }
  const refused = await callWith(tight, '/compress', raw(new Uint8Array(600_000)))
  expect(refused.headers.get('retry-after')).toBe('2')
  await expectProblem(refused, 503, 'busy')
  expect(bytesInFlight()).toBe(0)
  expect((await callWith(tight, '/compress', raw(picture()))).status).toBe(200)
  await expectProblem(await callWith(tight, '/decompress?width=900', drawn(RAW)), 503, 'busy')
  expect((await callWith(OPEN, '/decompress?width=900', drawn(RAW))).status).toBe(200)
  expect(bytesInFlight()).toBe(0)
})
