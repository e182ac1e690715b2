import { expect, test } from 'vitest'
import { bytesOf, CODE, call, expectProblem, JSON_TYPE, picture, post, RAW } from '../call.ts'

const compressJson = (text: BodyInit) => post('/compress', text, JSON_TYPE)
const pixels = (values: unknown) => compressJson(JSON.stringify({ pixels: values }))
const grey = (value: unknown) => [...Array<number>(783).fill(1), value]

test('text that is not JSON, or JSON of an unexpected shape, is a 400', async () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const texts = [
    '',
    '{',
    '[]',
    'null',
    '5',
    '"x"',
    deep(5000),
    `{"pixels":${deep(5000)}}`,
    '['.repeat(100_000),
  ]
  for (const text of [...texts, '{"pixels":5}', '{"pixels":{"length":784}}', '{"pixels":[NaN]}'])
    await expectProblem(await compressJson(text), 400, 'malformed')
  await expectProblem(await compressJson(new Uint8Array([0xff, 0xfe, 0x7b])), 400, 'malformed')
  await expectProblem(await post('/decompress', deep(5000), JSON_TYPE), 400, 'malformed')
})

test('JSON is refused for its depth before it is parsed; brackets in strings count for nothing', async () => {
  const inside = (depth: number) => compressJson(`{"pixels":${'['.repeat(depth)}1${']'.repeat(depth)}}`)
  expect(await expectProblem(await inside(8), 400, 'malformed')).toContain('nested')
  expect(await expectProblem(await inside(4), 400, 'malformed')).not.toContain('nested')
  const text = JSON.stringify({ code: `\\"${'[{'.repeat(20)}` })
  expect(
    await expectProblem(await post('/decompress', text, JSON_TYPE), 400, 'malformed-code'),
  ).not.toContain('nested')
})

test('a problem quotes no more than a line of what was sent', async () => {
  const long = 'x'.repeat(500_000)
  for (const body of [{ latent: [long], model: 'mnist' }, { latent: [], model: long }, { code: [long] }]) {
    const response = await post('/decompress', JSON.stringify(body), JSON_TYPE)
    expect((await response.text()).length).toBeLessThan(2000)
  }
})

test('samples that are not integers from 0 to 255 are a 400', async () => {
  for (const bad of [256, -1, 1.5, null, '1', true, [1], {}, 1e300])
    await expectProblem(await pixels(grey(bad)), 400, 'malformed')
})

test('a wrong number of samples, or a wrong shape, is a 422 that names the right shapes', async () => {
  expect(await expectProblem(await pixels([]), 422, 'wrong-shape')).toContain('28 x 28 x 1')
  await expectProblem(await pixels(grey(1).slice(1)), 422, 'wrong-shape')
  const rows = Array.from({ length: 28 }, () => Array<number>(28).fill(0))
  await expectProblem(await pixels([...rows.slice(1), [0]]), 422, 'wrong-shape')
  await expectProblem(await pixels(rows.slice(1)), 422, 'wrong-shape')
  await expectProblem(await pixels([[[0, 0]]]), 422, 'wrong-shape')
  await expectProblem(await post('/compress', picture().slice(1), RAW), 422, 'wrong-shape')
  await expectProblem(await post('/compress?model=nope', picture(), RAW), 404, 'unknown-model')
})

test('types that are not read are a 415, types that are not written a 406', async () => {
  for (const type of ['text/plain', 'image/gif', 'application/xml', 'image'])
    await expectProblem(await post('/compress', picture(), type), 415, 'unsupported-type')
  await expectProblem(await post('/compress', picture(), undefined), 415, 'unsupported-type')
  await expectProblem(await post('/decompress', picture(), 'image/png'), 415, 'unsupported-type')
  await expectProblem(await post('/compress', picture(), RAW, 'text/html'), 406, 'not-acceptable')
  await expectProblem(await post('/compress', picture(), RAW, '*/*;q=0'), 406, 'not-acceptable')
  const starts = { gif: 'GIF89a', heic: '\0\0\0\x18ftypheic', avif: '\0\0\0\x18ftypavif' }
  for (const [format, start] of Object.entries(starts)) {
    const form = new FormData()
    form.set('image', new Blob([start, 'x'.repeat(500)]), 'a')
    const response = await call('/compress', { method: 'POST', body: form })
    expect(await expectProblem(response, 415, 'unsupported-type')).toContain(`looks like image/${format}`)
  }
  const encoded = {
    method: 'POST',
    body: picture(),
    headers: { 'content-type': RAW, 'content-encoding': 'gzip' },
  }
  await expectProblem(await call('/compress', encoded), 415, 'unsupported-type')
})

test('the weights in the Accept header count', async () => {
  const typeFor = async (accept: string) =>
    (await post('/compress', picture(), RAW, accept)).headers.get('content-type')
  expect(await typeFor('*/*')).toBe(JSON_TYPE)
  expect(await typeFor('application/*')).toBe(JSON_TYPE)
  expect(await typeFor(`${JSON_TYPE};q=0.4, ${CODE};q=0.5`)).toBe(CODE)
  expect(await typeFor(`${JSON_TYPE};q=0, */*;q=0.1`)).toBe(CODE)
  expect(await typeFor(`text/html, ${CODE.toUpperCase()} ; Q=0.3`)).toBe(CODE)
})

test('bad query values are a 400 that names the parameter', async () => {
  for (const query of [
    'maxBytes=0',
    'maxBytes=-1',
    'maxBytes=x',
    'maxBytes=1e5',
    'targetPsnr=NaN',
    'targetPsnr=-3',
  ])
    expect(await expectProblem(await post(`/compress?${query}`, picture(), RAW), 400, 'malformed')).toContain(
      query.split('=')[0],
    )
  await expectProblem(await post('/compress?maxbytes=20', picture(), RAW), 400, 'malformed')
  await expectProblem(await post('/compress?maxBytes=20&maxBytes=30', picture(), RAW), 400, 'malformed')
})

test('bodies over the limit are a 413, even if they come in chunks without an announced length', async () => {
  await expectProblem(await post('/compress', new Uint8Array(10_000_001), RAW), 413, 'too-large')
  await expectProblem(await compressJson(' '.repeat(1_000_001)), 413, 'too-large')
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)) })
  await expectProblem(await post('/compress', endless, RAW), 413, 'too-large')
  const chunks = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 784; i += 56) controller.enqueue(picture().slice(i, i + 56))
      controller.close()
    },
  })
  const whole = await bytesOf(await post('/compress', picture(), RAW, CODE))
  expect([...(await bytesOf(await post('/compress', chunks, RAW, CODE)))]).toEqual([...whole])
})

test('a truncated form, one without boundary, and one without images are a 400', async () => {
  const type = 'multipart/form-data; boundary=b'
  const part = '--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nx\r\n'
  for (const body of ['', 'x', part, `${part}--b`, '--b--'])
    await expectProblem(await post('/compress', body, type), 400, 'malformed')
  await expectProblem(await post('/compress', `${part}--b--`, 'multipart/form-data'), 400, 'malformed')
  await expectProblem(await post('/compress', part.repeat(100_000), type), 413, 'too-large')
})

test('a form whose part headers are not UTF-8 is a 400', async () => {
  const bytes = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="image\xff"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    'latin1',
  )
  await expectProblem(await post('/compress', bytes, 'multipart/form-data; boundary=b'), 400, 'malformed')
})

test('a wrong method is a 405 with Allow, OPTIONS a 204, and an unknown URL a 404', async () => {
  for (const [method, path, allow] of [
    ['GET', '/compress', 'POST, OPTIONS'],
    ['HEAD', '/decompress', 'POST, OPTIONS'],
    ['DELETE', '/models', 'GET, HEAD, OPTIONS'],
    ['POST', '/preview/x', 'GET, HEAD, OPTIONS'],
    ['PUT', '/', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const response = await call(path, { method })
    expect(response.headers.get('allow')).toBe(allow)
    if (method === 'HEAD') expect(response.status).toBe(405)
    else await expectProblem(response, 405, 'method-not-allowed')
    const options = await call(path, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow])
  }
  await expectProblem(await call('/nope'), 404, 'not-found')
  await expectProblem(await call('/nope', { method: 'POST' }), 404, 'not-found')
  await expectProblem(await call('/models/nope'), 404, 'unknown-model')
  await expectProblem(await call('/static/models/mnist'), 404, 'not-found')
})
