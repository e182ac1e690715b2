import { beforeAll, expect, test } from 'vitest'
import { bytesOf, call, compressedPicture, expectProblem, postJson } from '../call.ts'

let code: string

beforeAll(async () => {
  code = (await compressedPicture()).code
})

test('a preview is the PNG of /decompress, cacheable forever, and the same from the cache', async () => {
  const first = await call(`/preview/${code}?width=64`)
  expect(first.headers.get('content-type')).toBe('image/png')
  expect(first.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  const drawn = await bytesOf(first)
  expect([...drawn]).toEqual([...(await bytesOf(await postJson('/decompress?width=64', { code })))])
  const again = await call(`/preview/${code}.png?width=64&v=2`)
  expect(again.headers.get('cf-cache-status')).toBe('HIT')
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
  expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
  expect([...(await bytesOf(again))]).toEqual([...drawn])
})

test('If-None-Match with its ETag gives a 304 without a body, with another tag the picture', async () => {
  const etag = (await call(`/preview/${code}`)).headers.get('etag')!
  const with_ = (tag: string) => call(`/preview/${code}`, { headers: { 'if-none-match': tag } })
  for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const response = await with_(tag)
    expect(response.status).toBe(304)
    expect(response.headers.get('etag')).toBe(etag)
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.text()).toBe('')
  }
  expect((await with_('"x"')).status).toBe(200)
  expect((await call(`/preview/${code}?width=30`)).headers.get('etag')).not.toBe(etag)
})

test('HEAD gives the headers of GET, without the picture', async () => {
  const get = await call(`/preview/${code}`)
  const head = await call(`/preview/${code}`, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(await head.text()).toBe('')
  for (const name of ['content-type', 'etag', 'cache-control', 'latent64-model'])
    expect(head.headers.get(name)).toBe(get.headers.get(name))
  await get.body?.cancel()
})

test('text that is not a code is a problem that no cache keeps', async () => {
  for (const bad of ['AAAA', 'nonsense!', `${code}A`, '%ff%00', 'A'.repeat(9000)]) {
    const response = await call(`/preview/${bad}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    await expectProblem(response, 400, 'malformed-code')
  }
  await expectProblem(await call(`/preview/${code}?width=0`), 400, 'malformed')
})

test('a client that names WebP gets it, smaller; anything else, and a URL that ends in .png, gets the PNG', async () => {
  const samples = Uint8Array.from({ length: 3072 }, (_, i) => 128 + 100 * Math.sin(i / 300))
  const colour = await call('/compress?model=photo', {
    ...{ method: 'POST', body: samples, headers: { 'content-type': 'application/octet-stream' } },
  })
  const { code } = (await colour.json()) as { code: string }
  const browser = { headers: { accept: 'image/avif,image/webp,image/apng,image/*,*/*;q=0.8' } }
  for (const query of ['', '?width=128', '?size=original']) {
    const png = await call(`/preview/${code}${query}`, { headers: { accept: '*/*' } })
    const webp = await call(`/preview/${code}${query}`, browser)
    expect(png.headers.get('content-type')).toBe('image/png')
    expect(webp.headers.get('content-type')).toBe('image/webp')
    expect(webp.headers.get('vary')).toContain('accept')
    expect(webp.headers.get('etag')).not.toBe(png.headers.get('etag'))
    const [pngBytes, webpBytes] = [await bytesOf(png), await bytesOf(webp)]
    expect(webpBytes.length).toBeLessThan(pngBytes.length / 2)
    expect(new TextDecoder('latin1').decode(webpBytes)).not.toContain('ALPH') // opaque
    const cached = await call(`/preview/${code}${query}`, browser)
    expect(cached.headers.get('cf-cache-status')).toBe('HIT')
    expect([...(await bytesOf(cached))]).toEqual([...webpBytes])
  }
  expect((await call(`/preview/${code}.png`, browser)).headers.get('content-type')).toBe('image/png')
  const refusing = await call(`/preview/${code}`, { headers: { accept: 'image/webp;q=0, image/png' } })
  expect(refusing.headers.get('content-type')).toBe('image/png')
})
