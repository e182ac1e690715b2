import { expect, test } from 'vitest'
import type { CompressResponse } from '../../../edge/schemas.ts'
import { encodePng } from '../../../shared/images/png/encode-png.ts'
import { bytesOf, CODE, call, compress, expectProblem, JSON_TYPE, picture, post, RAW } from '../call.ts'

const digitPng = () => encodePng(picture(), { height: 28, width: 28, channels: 1 })

/** 32 x 24, so that only the decoded file has these sides. */
function photographPng(): Uint8Array<ArrayBuffer> {
  const samples = Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => (i * i) >> 6)
  return encodePng(samples, { height: 24, width: 32, channels: 3 })
}

function padded(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return whole
}

test('a PNG padded to the number of samples of a model is an image, as a body and as a part of a form', async () => {
  const grey = encodePng(new Uint8Array(12).fill(200), { height: 3, width: 4, channels: 1 })
  for (const [png, length] of [
    [grey, 784],
    [photographPng(), 3072],
  ] as const) {
    const bytes = padded(png, length)
    const { width, height, code } = await compress('/compress', png, 'image/png')
    expect([width, height]).not.toEqual([28, 28])
    for (const type of [RAW, 'image/png', 'image/webp'])
      expect((await compress('/compress', bytes, type)).code).toBe(code)
    const form = new FormData()
    form.append('image', new File([bytes], 'a.raw', { type: RAW }))
    const [part]: CompressResponse[] = await (await call('/compress', { method: 'POST', body: form })).json()
    expect(part.code).toBe(code)
  }
})

test('formats that are not read are named by their signature, also if they have a model’s number of samples', async () => {
  const gif = padded(new TextEncoder().encode('GIF89a'), 784)
  for (const type of [RAW, 'image/png', 'image/gif']) {
    const detail = await expectProblem(await post('/compress', gif, type), 415, 'unsupported-type')
    expect(detail).toContain('image/gif')
  }
})

test('unregistered media types, and the type of another format, give the same code as the right type', async () => {
  const { code } = await compress('/compress', digitPng(), 'image/png')
  const labels = [
    'image/x-png',
    'IMAGE/X-PNG; a=b',
    'image/jpeg',
    'image/jpg',
    'image/pjpeg',
    'image/gif',
    'image/*',
  ]
  for (const label of labels)
    expect([label, (await compress('/compress', digitPng(), label)).code]).toEqual([label, code])
  const form = new FormData()
  for (const label of labels) form.append('image', new File([digitPng()], 'a', { type: label }))
  const parts: CompressResponse[] = await (await call('/compress', { method: 'POST', body: form })).json()
  expect(parts.map((part) => part.code)).toEqual(labels.map(() => code))
})

test('image/jpg and image/pjpeg without any signature are read as JPEG, and so are malformed', async () => {
  for (const label of ['image/jpg', 'image/pjpeg', 'image/x-png'])
    await expectProblem(await post('/compress', picture(), label), 400, 'malformed-image')
})

test('Content-Encoding: identity is not an encoding; a 415 for another one says what is accepted', async () => {
  const send = (coding: string) => {
    const headers = { 'content-type': RAW, accept: CODE, 'content-encoding': coding }
    return call('/compress', { method: 'POST', body: picture(), headers })
  }
  const plain = await bytesOf(await post('/compress', picture(), RAW, CODE))
  for (const coding of ['identity', 'Identity', 'identity, identity'])
    expect([...(await bytesOf(await send(coding)))]).toEqual([...plain])
  for (const coding of ['gzip', 'br', 'identity, gzip', 'deflate']) {
    const response = await send(coding)
    expect(response.headers.get('accept-encoding')).toBe('identity')
    await expectProblem(response, 415, 'unsupported-type')
  }
})

test('a 415 for a media type lists the accepted ones in Accept', async () => {
  const response = await post('/compress', picture(), 'text/plain')
  expect(response.headers.get('accept')).toContain(JSON_TYPE)
  await expectProblem(response, 415, 'unsupported-type')
})
