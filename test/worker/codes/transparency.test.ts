/** Transparency over HTTP: kept by previews, put on white by other models and in long codes. */
import { expect, test } from 'vitest'
import type { DecompressResponse } from '../../../edge/schemas.ts'
import { decodeImage } from '../../../shared/images/decode-image.ts'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import { decode } from '../../../shared/preview/preview.ts'
import { bytesOf, call, compress, JSON_TYPE, postJson, RAW } from '../call.ts'

const SIDE = 48
/** A disc on nothing, [SIDE, SIDE, 4]; `opacity` of the rest. */
const disc = (opacity: number) =>
  Uint8Array.from({ length: SIDE * SIDE * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % SIDE, Math.floor((i >> 2) / SIDE)]
    const isInside = Math.hypot(x - SIDE / 2, y - SIDE / 2) < 18
    return i % 4 === 3 ? (isInside ? 255 : opacity) : [200, 60 + x, 40][i % 4]
  })
const pngOf = (rgba: Uint8Array) => encodePng(rgba, { width: SIDE, height: SIDE, channels: 4 })

const made = (query = '') => compress(`/compress?maxBytes=26${query}`, pngOf(disc(0)), 'image/png')

test('a PNG with transparency keeps it, and the response says so; an opaque one of the same kind does not', async () => {
  const { code, transparency, model, bytes } = await made()
  expect(transparency).toBe(true)
  expect(model).toBe('preview')
  expect(bytes.total).toBeLessThanOrEqual(26)
  const { rgba } = decode(code, { width: 32, height: 32 })
  expect(rgba[3]).toBeLessThan(40)
  expect(rgba[4 * (16 * 32 + 16) + 3]).toBe(255)
  const opaque = await compress('/compress?maxBytes=26', pngOf(disc(255)), 'image/png')
  expect(opaque.transparency).toBe(false)
})

test('/decompress and /preview draw the small decoder’s RGBA, as PNG, samples and JSON', async () => {
  const { code } = await made()
  const { rgba } = decode(code, { width: 64, height: 64 })
  const shape = { width: 64, height: 64, channels: 3 as const }
  const drawn = await postJson('/decompress?width=64', { code })
  expect(drawn.headers.get('latent64-channels')).toBe('4')
  const png = await bytesOf(drawn)
  expect(png[25]).toBe(6) // RGBA
  const { alpha } = await decodeImage(png, 'image/png', shape, { maxPixels: 1e6 }, undefined, true)
  expect(alpha).toEqual(new Uint8Array(rgba).filter((_, i) => i % 4 === 3))
  const preview = await call(`/preview/${code}?width=64`)
  expect(preview.headers.get('content-type')).toBe('image/png')
  expect(await bytesOf(preview)).toEqual(png)
  expect([...(await bytesOf(await postJson('/decompress?width=64', { code }, RAW)))]).toEqual([...rgba])
  const json: DecompressResponse = await (await postJson('/decompress?width=64', { code }, JSON_TYPE)).json()
  expect(json).toMatchObject({ width: 64, height: 64, channels: 4, pixels: [...rgba] })
})

test('a client that names WebP gets one with the whole alpha plane, if it is smaller than the PNG', async () => {
  const { code } = await made()
  const accept = { headers: { accept: 'image/webp,image/png' } }
  const response = await call(`/preview/${code}`, accept)
  expect(response.headers.get('content-type')).toBe('image/webp')
  const shape = { width: 32, height: 32, channels: 3 as const }
  const webp = await decodeImage(
    await bytesOf(response),
    'image/webp',
    shape,
    { maxPixels: 1e6 },
    undefined,
    true,
  )
  expect(webp.alpha).toEqual(new Uint8Array(decode(code, shape).rgba).filter((_, i) => i % 4 === 3))
  const large = await call(`/preview/${code}?width=256`, accept)
  expect(large.headers.get('content-type')).toBe('image/png')
})

test('the error against an original is measured on white', async () => {
  const { code } = await made()
  const form = new FormData()
  form.append('code', code)
  form.append('original', new File([pngOf(disc(0))], 'disc.png', { type: 'image/png' }))
  const response = await call('/decompress', { method: 'POST', body: form, headers: { accept: JSON_TYPE } })
  const { error }: DecompressResponse = await response.json()
  expect(error!.psnrDb).toBeGreaterThan(17)
})

test('another model puts it on white; more bytes do not make it opaque, but model=grid does', async () => {
  const grey = await compress('/compress?model=mnist', pngOf(disc(0)), 'image/png')
  expect(grey).toMatchObject({ model: 'mnist', transparency: false })
  const more = await compress('/compress?maxBytes=300', pngOf(disc(0)), 'image/png')
  expect(more).toMatchObject({ model: 'preview', transparency: true })
  const long = await compress('/compress?maxBytes=300&model=grid', pngOf(disc(0)), 'image/png')
  expect(long.transparency).toBe(false)
})
