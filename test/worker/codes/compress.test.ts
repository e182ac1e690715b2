import { expect, test } from 'vitest'
import type { CompressResponse } from '../../../edge/schemas.ts'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import {
  bytesOf,
  CODE,
  call,
  compress,
  digits,
  expectProblem,
  JSON_TYPE,
  picture,
  post,
  postJson,
  RAW,
} from '../call.ts'

test('raw samples, flat and nested JSON, and PNG of the same picture give the same code', async () => {
  const samples = picture()
  const rows = Array.from({ length: 28 }, (_, y) => [...samples.subarray(28 * y, 28 * y + 28)])
  const { code } = await compress('/compress', samples, RAW)
  const pixels = (value: unknown) => compress('/compress', JSON.stringify({ pixels: value }), JSON_TYPE)
  expect((await pixels([...samples])).code).toBe(code)
  expect((await pixels(rows)).code).toBe(code)
  expect((await pixels(rows.map((row) => row.map((sample) => [sample])))).code).toBe(code)
  const png = encodePng(samples, { height: 28, width: 28, channels: 1 })
  expect((await compress('/compress', png, 'image/png')).code).toBe(code)
})

test('a picture without colour goes to the grey model of its size even if it is stored as RGB', async () => {
  const samples = picture()
  const rgb = Uint8Array.from({ length: 3 * 784 }, (_, i) => samples[Math.floor(i / 3)])
  const png = encodePng(rgb, { height: 28, width: 28, channels: 3 })
  const { code } = await compress('/compress', samples, RAW)
  expect((await compress('/compress', png, 'image/png')).code).toBe(code)
  rgb[0] = rgb[0] ^ 128
  const coloured = encodePng(rgb, { height: 28, width: 28, channels: 3 })
  const { model } = await compress('/compress', coloured, 'image/png')
  expect(model).not.toBe((await digits()).name)
})

test('the reported error is the one computed from what /decompress returns, within a millionth', async () => {
  const samples = picture()
  const { code, error } = await compress('/compress', samples, RAW)
  const back = await bytesOf(await post('/decompress', JSON.stringify({ code }), JSON_TYPE, RAW))
  let sum = 0
  for (const [i, sample] of samples.entries()) sum += ((sample - back[i]) / 255) ** 2
  const mse = sum / samples.length
  expect(Math.abs(error.mse - mse)).toBeLessThanOrEqual(1e-6 * mse)
  expect(error.psnrDb).toBeCloseTo(-10 * Math.log10(mse), 5)
})

test('the bytes alone carry the same figures in headers', async () => {
  const figures = await compress('/compress', picture(), RAW)
  const response = await post('/compress', picture(), RAW, CODE)
  const code = await bytesOf(response)
  expect(response.headers.get('content-type')).toBe(CODE)
  expect(code.length).toBe(figures.bytes.total)
  expect(figures.bytes.header + figures.bytes.payload).toBe(figures.bytes.total)
  expect(response.headers.get('latent64-model')).toBe(figures.model)
  expect(Number(response.headers.get('latent64-bytes'))).toBe(figures.bytes.total)
  expect(Number(response.headers.get('latent64-mse'))).toBe(figures.error.mse)
  expect(Number(response.headers.get('latent64-psnr'))).toBe(figures.error.psnrDb)
  expect(figures.bitsPerPixel).toBeCloseTo((8 * code.length) / 784, 12)
  expect(figures.ratio).toBeCloseTo(784 / code.length, 12)
  expect(figures.latent).toHaveLength(64)
})

test('maxBytes and targetPsnr are kept, or refused with what is possible', async () => {
  const { levels } = await digits()
  const { bytes, error } = await compress('/compress', picture(), RAW)
  expect(
    (await compress(`/compress?maxBytes=${bytes.total}`, picture(), RAW)).bytes.total,
  ).toBeLessThanOrEqual(bytes.total)
  const target = (error.psnrDb - 0.01).toFixed(2)
  expect(
    (await compress(`/compress?targetPsnr=${target}`, picture(), RAW)).error.psnrDb,
  ).toBeGreaterThanOrEqual(Number(target))
  const refused = await post('/compress?maxBytes=4', picture(), RAW)
  const { smallestBytes } = (await refused.clone().json()) as { smallestBytes: number }
  await expectProblem(refused, 422, 'unreachable-rate')
  expect((await compress(`/compress?maxBytes=${smallestBytes}`, picture(), RAW)).bytes.total).toBe(
    smallestBytes,
  )
  await expectProblem(await post('/compress?targetPsnr=98', picture(), RAW), 422, 'unreachable-rate')
  expect(levels.length).toBeGreaterThan(1)
})

test('an image of another size keeps its own width and height in the code', async () => {
  const { height, width } = { height: 60, width: 90 }
  const samples = new Uint8Array(height * width * 3).map((_, i) => (i >> 4) & 255)
  const png = encodePng(samples, { height, width, channels: 3 })
  const response = await compress('/compress?model=photo', png, 'image/png')
  expect(response).toMatchObject({ width, height })
  const back = await postJson('/decompress?size=original', { code: response.code }, JSON_TYPE)
  expect(await back.json()).toMatchObject({ width, height, original: { width, height } })
})

test('a preview keeps only the aspect ratio, and is drawn with it', async () => {
  const { height, width } = { height: 60, width: 90 }
  const png = encodePng(new Uint8Array(height * width * 3).fill(90), { height, width, channels: 3 })
  const { code } = await compress('/compress?model=preview', png, 'image/png')
  const back = await postJson('/decompress?width=48', { code }, JSON_TYPE)
  expect(await back.json()).toMatchObject({ width: 48, height: 32, original: { width: 512, height: 341 } })
})

test('the response to a form of images is a list in their order, through different models', async () => {
  const one = picture()
  const two = picture().map((sample) => 255 - sample)
  const large = encodePng(new Uint8Array(40 * 50 * 3).fill(90), { height: 40, width: 50, channels: 3 })
  const form = new FormData()
  form.append('image', new File([one], 'one'))
  form.append('image', new File([large], 'large.png', { type: 'image/png' }))
  form.append('image', new File([two], 'two', { type: RAW }))
  const responses: CompressResponse[] = await (await call('/compress', { method: 'POST', body: form })).json()
  const alone = [
    await compress('/compress', one, RAW),
    await compress('/compress', large, 'image/png'),
    await compress('/compress', two, RAW),
  ]
  expect(responses).toEqual(alone)
})

test('a bad part of a form is named, and a form of too many parts is refused', async () => {
  const form = new FormData()
  form.append('image', new File([picture()], 'good'))
  form.append('image', new File(['no png'], 'bad.png', { type: 'image/png' }))
  const detail = await expectProblem(
    await call('/compress', { method: 'POST', body: form }),
    400,
    'malformed-image',
  )
  expect(detail).toContain('image 2')
  const many = new FormData()
  for (let i = 0; i < 65; i++) many.append('image', new File([picture()], 'x'))
  await expectProblem(await call('/compress', { method: 'POST', body: many }), 413, 'too-large')
})
