/** Forms as RFC 2046 and RFC 7578 allow them, and as clients write them. */
import { beforeAll, expect, test } from 'vitest'
import type { CompressResponse, DecompressResponse } from '../../edge/schemas.ts'
import { compressedPicture, expectProblem, JSON_TYPE, picture, post } from './call.ts'

let made: CompressResponse

beforeAll(async () => {
  made = await compressedPicture()
})

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)
const bytes = (latin1: string) => Uint8Array.from(latin1, (letter) => letter.charCodeAt(0))
const FILE = 'Content-Disposition: form-data; name="image"; filename="a"'

interface Form {
  headers?: string
  before?: string
  /** As it stands in Content-Type. */
  boundary?: string
  delimiter?: string
  after?: string
}

function form({ headers = FILE, before = '', boundary = 'boundary=b', delimiter = '--b', after = '' }: Form) {
  const body = `${before}${delimiter}\r\n${headers}\r\n\r\n${text(picture())}\r\n${delimiter}--${after}`
  return { body: bytes(body), type: `multipart/form-data; ${boundary}` }
}

async function codesOf(given: Form): Promise<string[]> {
  const { body, type } = form(given)
  const response = await post('/compress', body, type)
  expect([given, response.status]).toEqual([given, 200])
  return ((await response.json()) as CompressResponse[]).map(({ code }) => code)
}

test('text before the first boundary and after the last is not part of the form', async () => {
  for (const before of [
    '\r\n',
    '\r\n\r\n',
    'This is a message in MIME format.\r\n',
    '--bb\r\n',
    'x--b\r\n',
    '--b x\r\n',
  ])
    expect(await codesOf({ before })).toEqual([made.code])
  for (const after of ['\r\n', '\r\nepilogue', '\r\n--b\r\nnot a part', '\0'.repeat(1000)])
    expect(await codesOf({ after })).toEqual([made.code])
})

test('a boundary may be quoted, have spaces around its =, and be followed by spaces in the body', async () => {
  const seventy = 'x'.repeat(70)
  for (const given of [
    { boundary: 'boundary="b"' },
    { boundary: 'boundary = b' },
    { boundary: 'charset=utf-8;boundary  =  "b"  ' },
    { boundary: 'BOUNDARY=b; charset=utf-8' },
    { boundary: 'boundary="a b"', delimiter: '--a b' },
    { boundary: `boundary=${seventy}`, delimiter: `--${seventy}` },
  ])
    expect(await codesOf(given)).toEqual([made.code])
  const spaced = form({})
  spaced.body = bytes(text(spaced.body).replace('--b\r\n', '--b \t\r\n'))
  expect((await post('/compress', spaced.body, spaced.type)).status).toBe(200)
})

test('a part is an image by its name, whether it has a file name, an encoded one or none', async () => {
  for (const headers of [
    'Content-Disposition: form-data; name="image"',
    'Content-Disposition: form-data; name=image',
    `Content-Disposition: form-data; name="image"; filename*=UTF-8''%e2%82%ac.png`,
    'content-disposition: FORM-DATA;name="image"',
    `Content-Disposition: form-data;\r\n name="image"; filename="folded"`,
    `${FILE}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nX-More: y`,
  ])
    expect(await codesOf({ headers })).toEqual([made.code])
})

test('boundaries of none or more than 70 characters, and transfer encodings for mail, are a 400', async () => {
  const long = 'x'.repeat(71)
  for (const given of [
    { boundary: `boundary=${long}`, delimiter: `--${long}` },
    { boundary: 'boundary=""' },
    { boundary: 'boundary=other' },
    { boundary: 'charset=utf-8' },
    { headers: `${FILE}\r\nContent-Transfer-Encoding: base64` },
    { headers: `${FILE}\r\nX-Long: ${'x'.repeat(9000)}` },
  ] satisfies Form[]) {
    const { body, type } = form(given)
    await expectProblem(await post('/compress', body, type), 400, 'malformed')
  }
})

test('a code in a form is text without a file name or type, bytes with either', async () => {
  const raw = atob(made.code.replaceAll('-', '+').replaceAll('_', '/'))
  const part = (headers: string, content: string) =>
    bytes(`--b\r\nContent-Disposition: form-data; name="code"${headers}\r\n\r\n${content}\r\n--b--`)
  const pixels = async (body: Uint8Array<ArrayBuffer>) => {
    const response = await post('/decompress', body, 'multipart/form-data; boundary=b', JSON_TYPE)
    expect(response.status).toBe(200)
    return ((await response.json()) as DecompressResponse).pixels
  }
  const expected = await pixels(part('', made.code))
  expect(await pixels(part('', `${made.code}\r\n`))).toEqual(expected)
  expect(await pixels(part(`; filename*=UTF-8''a`, raw))).toEqual(expected)
  expect(await pixels(part('\r\nContent-Type: application/vnd.latent64', raw))).toEqual(expected)
})
