/** The most expensive requests of each kind: small hostile files, large ordinary ones, and slow clients. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JpegOptions, Sharp } from 'sharp'
import { compress } from '../../shared/codec/codec.ts'
import { toBase64Url } from '../../shared/codec/container/base64url.ts'
import type { Model } from '../../shared/codec/model.ts'
import { benchImages } from '../edge/inputs.ts'
import { manyScansJpeg, manyTablesJpeg } from './hostile-jpeg.ts'
import {
  deepPng,
  emptyChunksPng,
  inflatingPng,
  interlacedPng,
  manyChunksPng,
  noisyPng,
  profileBombPng,
} from './hostile-png.ts'
import { emptyAnimation, flatWebp, manyGroupsWebp, noisyWebp } from './hostile-webp.ts'
import { longCodeCases } from './long-code-cases.ts'
import { examples, JPEG, type Make, one, PNG, photograph, REFUSED, repeat } from './one-case.ts'
import { form, get, post, type Request } from './send.ts'
import { slowCases } from './slow-clients.ts'
import type { WorstCase } from './worst-case.ts'

const WEBP = 'image/webp'
const RAW = 'application/octet-stream'
const JSON_TYPE = 'application/json'
const CODE = 'application/vnd.latent64'
/** Decoded, damaged or refused: only the cost matters. */
const ANY = [200, 400, REFUSED]

export function worstCases(models: Model[]): WorstCase[] {
  const compressing = (
    kind: WorstCase['kind'],
    name: string,
    type: string,
    file: Make<Uint8Array>,
    ...expected: number[]
  ) => one(kind, name, async () => post('/compress', type, await file()), ...expected)
  const several = (name: string, type: string, files: Make<Uint8Array[]>, ...expected: number[]) =>
    one('form', name, async () => form('/compress', 'image', type, await files()), ...expected)
  const groups = (width: number, height: number) => () => manyGroupsWebp(width, height)
  const scans = () => manyScansJpeg(16_000, 1000, 99)
  const photographs = (options: JpegOptions) => async () =>
    repeat(64, await photograph(500).jpeg(options).toBuffer())
  const samples = () => `{"pixels":[${'1,'.repeat(499_990)}1]}`
  const brackets = () => `{"pixels":${'['.repeat(490_000)}${']'.repeat(490_000)}}`
  return [
    ...usualCases(models),
    compressing(
      'WebP',
      'lossless, 8,192 groups of prefix codes, cache of 11 bits',
      WEBP,
      groups(512, 256),
      ...ANY,
    ),
    compressing(
      'WebP',
      'lossless, 32,768 groups of prefix codes, cache of 11 bits',
      WEBP,
      groups(1024, 512),
      ...ANY,
    ),
    compressing('WebP', 'noise of 10 megapixels in 6 MB', WEBP, noisyWebp, ...ANY),
    compressing('WebP', 'an animation of 4,000 x 4,000, a frame of 2 x 2', WEBP, emptyAnimation, ...ANY),
    compressing('WebP', '16 megapixels in 28 bytes', WEBP, () => flatWebp(4000, 4000), ...ANY),
    compressing('JPEG', 'grey, 16,000 x 1,000, 99 scans', JPEG, scans, ...ANY),
    compressing('JPEG', '9.9 MB of empty tables', JPEG, () => manyTablesJpeg(9.9e6), ...ANY),
    compressing('PNG', '16 bits RGBA, 4,000 x 4,000', PNG, () => deepPng(4000), ...ANY),
    compressing('PNG', 'interlaced RGBA, 4,000 x 4,000', PNG, () => interlacedPng(4000), ...ANY),
    compressing('PNG', 'noise, RGBA, 4,000 x 4,000, Paeth’s filter', PNG, () => noisyPng(4000), ...ANY),
    compressing('PNG', '63,000 chunks of two bytes', PNG, () => manyChunksPng(871e3), ...ANY),
    compressing('PNG', 'a profile of 100 MB', PNG, profileBombPng, ...ANY),
    compressing('PNG', '100 MB of data for 32 x 32 pixels', PNG, inflatingPng, ...ANY),
    several('64 WebP of 6 megapixels in 28 bytes', WEBP, () => repeat(64, flatWebp(3000, 2000)), REFUSED),
    several(
      '64 WebP of 250,000 pixels in 28 bytes',
      WEBP,
      () => repeat(64, flatWebp(500, 500)),
      200,
      REFUSED,
    ),
    several('11 JPEG of 99 scans', JPEG, () => repeat(11, scans()), REFUSED),
    several('64 photographs of 250,000 pixels', JPEG, photographs({}), 200, REFUSED),
    several(
      '64 progressive photographs of 250,000 pixels',
      JPEG,
      photographs({ progressive: true, quality: 95 }),
      200,
      REFUSED,
    ),
    several('64 PNG of 12,000 chunks', PNG, () => repeat(64, emptyChunksPng(12_000)), 200, REFUSED),
    one('form', 'a boundary of 200 characters in 9.9 MB of them', () => boundaryForm(200), 400),
    one('form', 'a boundary of 70 characters in 9.9 MB of them', () => boundaryForm(70), 400),
    one('form', '64 parts, 20 dB at least', () => rawForm(models, '?targetPsnr=20'), 200, 422),
    one('form', '64 parts, 20 bytes at most', () => rawForm(models, '?maxBytes=20'), 200, 422),
    one('JSON', '1 MB of samples', () => post('/compress', JSON_TYPE, Buffer.from(samples())), 422),
    one('JSON', 'half a million brackets', () => post('/compress', JSON_TYPE, Buffer.from(brackets())), 400),
    ...drawingCases(models),
    ...previewCases(models.slice(1)),
    ...longCodeCases(),
    ...slowCases(() => codeOf(models)),
  ]
}

/** Ordinary requests for comparison: small ones, and some as large as accepted. */
function usualCases(models: Model[]): WorstCase[] {
  const large = (name: string, type: string, file: (image: Sharp) => Sharp, ...expected: number[]) =>
    one(
      'usual',
      name,
      async () => post('/compress', type, await file(photograph(4000)).toBuffer()),
      ...expected,
    )
  return [
    one(
      'usual',
      'the page’s cat, JPEG',
      async () => post('/compress', JPEG, await readFile(join(examples, 'cat.jpg'))),
      200,
    ),
    one('usual', 'preview of the model’s size', () => get(`/preview/${codeOf(models)}`), 200),
    large('JPEG of 16 megapixels', JPEG, (image) => image.jpeg(), 200),
    large(
      'progressive JPEG of 16 megapixels',
      JPEG,
      (image) => image.jpeg({ progressive: true }),
      200,
      REFUSED,
    ),
    large(
      'PNG of 16 megapixels, palette',
      PNG,
      (image) => image.png({ compressionLevel: 6, palette: true }),
      200,
    ),
    large('WebP of 16 megapixels', WEBP, (image) => image.webp({ effort: 0 }), 200, REFUSED),
    large(
      'lossless WebP of 16 megapixels',
      WEBP,
      (image) => image.blur(20).webp({ lossless: true, effort: 0 }),
      200,
      REFUSED,
    ),
    one('usual', '64 raw images in a form', () => rawForm(models, ''), 200),
  ]
}

/** A code whose original claims to be 4,000 x 4,000. */
function codeOf([model]: Model[]): string {
  const { height, width, channels } = model.manifest.input
  const samples = Uint8Array.from(
    { length: height * width * channels },
    (_, i) => 128 + 100 * Math.sin(i / 50),
  )
  return toBase64Url(compress(model, samples, { width: 4000, height: 4000 }).code)
}

/** 64 images of the default model's shape. */
async function rawForm([model]: Model[], query: string): Promise<Request> {
  return form(`/compress${query}`, 'image', RAW, await benchImages(model.manifest.input))
}

function boundaryForm(length: number): Request {
  const body = Buffer.alloc(9.9e6, '-')
  body.write(`--${'-'.repeat(length)}\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n`)
  return post('/compress', `multipart/form-data; boundary=${'-'.repeat(length)}`, body)
}

/** The default model draws at any size itself, by cosines. */
function previewCases(preview: Model[]): WorstCase[] {
  const code = () => codeOf(preview)
  const bytes = () => Buffer.from(code(), 'base64url')
  const accepting = (request: Request, accept: string): Request => ({ ...request, accept })
  return [
    one('usual', 'preview of the default model', () => get(`/preview/${code()}`), 200),
    one('drawing', 'default model, preview, 1,024 wide', () => get(`/preview/${code()}?width=1024`), 200),
    one(
      'drawing',
      'default model, decompress, 2,000 wide, PNG',
      () => accepting(post('/decompress?width=2000', CODE, bytes()), PNG),
      200,
    ),
    one(
      'drawing',
      'default model, 64 codes, 72 wide, JSON',
      () => form('/decompress?width=72', 'code', CODE, repeat(64, bytes())),
      200,
    ),
  ]
}

function drawingCases(models: Model[]): WorstCase[] {
  const code = () => codeOf(models)
  const bytes = () => Buffer.from(code(), 'base64url')
  const drawn = (query: string, accept: string) => () =>
    ({ ...post(`/decompress${query}`, CODE, bytes()), accept }) satisfies Request
  const many = (query: string) => () => form(`/decompress${query}`, 'code', CODE, repeat(64, bytes()))
  return [
    one('drawing', 'preview, 2,000 wide', () => get(`/preview/${code()}?width=2000`), REFUSED),
    one('drawing', 'preview, 1,024 wide', () => get(`/preview/${code()}?width=1024`), 200),
    one(
      'drawing',
      'preview, original of 4,000 x 4,000',
      () => get(`/preview/${code()}?size=original`),
      REFUSED,
    ),
    one('drawing', 'decompress, 2,000 wide, PNG', drawn('?width=2000', PNG), 200),
    one('drawing', 'decompress, 2,000 wide, raw', drawn('?width=2000', RAW), REFUSED),
    one('drawing', 'decompress, 575 wide, JSON', drawn('?width=575', JSON_TYPE), 200),
    one('drawing', '64 codes, 2,000 wide, JSON', many('?width=2000'), REFUSED),
    one('drawing', '64 codes, 72 wide, JSON', many('?width=72'), 200),
  ]
}
