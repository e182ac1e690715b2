import { expect, test } from 'vitest'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import { scene } from '../../grid/grid-pictures.ts'
import vectors from '../../vectors/long-codes.json' with { type: 'json' }
import { bytesOf, CODE, call, compress, expectProblem, post, RAW } from '../call.ts'

const photograph = (width: number, height: number) =>
  encodePng(scene(width, height).samples, { width, height, channels: 3 })

test('the default model uses any number of bytes: a preview first, then a long code', async () => {
  const png = photograph(256, 170)
  for (const [maxBytes, model] of [
    [30, undefined],
    [64, 'grid'],
    [500, 'grid'],
    [5000, 'grid'],
  ] as const) {
    const made = await compress(`/compress?maxBytes=${maxBytes}`, png, 'image/png')
    if (model) expect(made.model).toBe(model)
    else expect(made.model).not.toBe('grid')
    expect(made.bytes.total).toBeLessThanOrEqual(maxBytes)
    expect(made.bytes.total).toBeGreaterThan(maxBytes - 4)
  }
})

test('latents are sent only on request', async () => {
  const png = photograph(64, 48)
  expect((await compress('/compress?maxBytes=200', png, 'image/png')).latent).toBeUndefined()
  const { latent } = await compress('/compress?maxBytes=200&latent=1', png, 'image/png')
  expect(latent).toHaveLength(4 * 3 * 192)
})

test('a code, and its beginning, decompress at the original size', async () => {
  const made = await post('/compress?maxBytes=800', photograph(200, 120), 'image/png', CODE)
  const code = await bytesOf(made)
  const whole = await post('/decompress', code, CODE)
  expect(whole.status).toBe(200)
  expect(whole.headers.get('latent64-width')).toBe('200')
  expect(whole.headers.get('latent64-total-bytes')).toBeNull()
  const beginning = await post('/decompress', code.slice(0, 300), CODE)
  expect(beginning.headers.get('latent64-bytes')).toBe('300')
  expect(beginning.headers.get('latent64-total-bytes')).toBe('800')
  await expectProblem(await post('/decompress', code.slice(0, 12), CODE), 400, 'malformed-code')
})

test("a code's first 24 bytes decompress to its preview, and say how much is missing", async () => {
  const code = await bytesOf(await post('/compress?maxBytes=800', photograph(200, 120), 'image/png', CODE))
  const preview = await post('/decompress', code.slice(0, 24), CODE)
  expect(preview.status).toBe(200)
  expect(preview.headers.get('latent64-model')).toBe('preview')
  expect(preview.headers.get('latent64-bytes')).toBe('24')
  expect(preview.headers.get('latent64-total-bytes')).toBe('800')
})

test.each(vectors)(
  'golden codes and their beginnings give the same pixels as in Node, to the bit',
  async (golden) => {
    const code = Uint8Array.from(golden.code.match(/../g)!, (byte) => Number.parseInt(byte, 16))
    for (const { bytes, pixelsSha256 } of golden.drawn) {
      const samples = await bytesOf(await post('/decompress', code.slice(0, bytes), CODE, RAW))
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', samples))
      expect([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(pixelsSha256)
    }
  },
)

test('/preview draws a long code', async () => {
  const { code } = await compress('/compress?maxBytes=300', photograph(96, 64), 'image/png')
  const response = await call(`/preview/${code}?width=48`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^image\//)
})

test('images too large for the long codes of a request are refused by their headers, before any is decoded', async () => {
  const { width, height, samples } = scene(400, 300)
  const whole = await encodePng(samples, { width, height, channels: 3 })
  const damaged = whole.map((byte, i) => (i === 1000 ? byte ^ 255 : byte))
  const send = (count: number) => {
    const body = new FormData()
    for (let i = 0; i < count; i++) body.append('image', new Blob([damaged], { type: 'image/png' }), 'a.png')
    return call('/compress?maxBytes=1000', { method: 'POST', body })
  }
  await expectProblem(await send(3), 400, 'malformed-image')
  await expectProblem(await send(4), 413, 'too-large')
})
