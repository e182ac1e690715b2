import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listJobs } from '../cli/jobs/list-jobs.ts'
import { loadModelDirectory } from '../node/load-model.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { compress, decompress } from '../shared/codec/codec.ts'
import { fromBase64Url } from '../shared/codec/container/base64url.ts'
import type { Model } from '../shared/codec/model.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'
import { areaAverage } from '../shared/images/resize.ts'
import { mnist } from '../train/data/mnist.ts'

const ROOT = join(import.meta.dirname, '..')
const GREY = join(TEST_MODELS, 'mnist')
const COLOUR = join(TEST_MODELS, 'photo')
const folder = mkdtempSync(join(tmpdir(), 'latent64-cli-'))
const place = (...names: string[]) => join(folder, ...names)
const digits = mnist('test').samples
const digit = (i: number) => digits.slice(i * 784, (i + 1) * 784)
const digitShape = { height: 28, width: 28, channels: 1 as const }

let grey: Model
let colour: Model
beforeAll(async () => {
  grey = await loadModelDirectory(GREY)
  colour = await loadModelDirectory(COLOUR)
  mkdirSync(place('digits', 'more'), { recursive: true })
  for (let i = 0; i < 20; i++)
    writeFileSync(
      place('digits', i < 10 ? `${i}.png` : join('more', `${i}.png`)),
      encodePng(digit(i), digitShape),
    )
  writeFileSync(place('photo.png'), encodePng(photo, photoShape))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const photoShape = { height: 45, width: 70, channels: 3 as const }
const photo = Uint8Array.from({ length: 45 * 70 * 3 }, (_, i) => 128 + 100 * Math.sin(i / 777) + (i % 3) * 9)

function latent64(words: string[], input?: Uint8Array) {
  const run = spawnSync(process.execPath, [join(ROOT, 'cli', 'latent64.mjs'), ...words], { input, cwd: ROOT })
  return { status: run.status, out: new Uint8Array(run.stdout), err: run.stderr.toString() }
}
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('a folder is compressed to the codec’s own bytes, over several threads, and keeps its structure', () => {
  const run = latent64(['compress', place('digits'), '--out', place('codes'), '--model', GREY, '--jobs', '2'])
  expect(run.err).toContain('20 images')
  expect(run.status).toBe(0)
  for (let i = 0; i < 20; i++) {
    const code = readFileSync(place('codes', i < 10 ? `${i}.l64` : join('more', `${i}.l64`)))
    expect(new Uint8Array(code)).toEqual(compress(grey, digit(i)).code)
  }
  expect(readdirSync(place('codes')).filter((name) => name.includes('tmp'))).toEqual([])
})

test('a photograph is squashed by area average, and the code keeps its own size', () => {
  const run = latent64(['compress', place('photo.png'), '-o', '-', '--model', COLOUR])
  const squashed = areaAverage(photo, photoShape, colour.manifest.input)
  expect(run.out).toEqual(compress(colour, squashed, { width: 70, height: 45 }).code)
  expect(run.status).toBe(0)
})

test('pipes: an image in and its picture out are the codec’s', async () => {
  const png = encodePng(digit(3), digitShape)
  const code = latent64(['compress', '-', '--model', GREY], png).out
  const picture = latent64(['decompress', '-', '--model', GREY], code).out
  const { data } = await sharp(picture).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  const expected = decompress({ byId: () => grey }, code).samples
  expect(new Uint8Array(data)).toEqual(expected)
  expect(latent64(['decompress', '-', '--model', GREY, '--format', 'raw'], code).out).toEqual(expected)
})

test('the same digit gives one code from PNG, lossless WebP, RGB and raw samples', async () => {
  const image = sharp(digit(5), { raw: { width: 28, height: 28, channels: 1 } })
  const expected = compress(grey, digit(5)).code
  const files = [
    await image.clone().png().toBuffer(),
    await image.clone().webp({ lossless: true }).toBuffer(),
    await image.clone().toColourspace('srgb').png({ palette: false }).toBuffer(),
    digit(5),
  ]
  for (const file of files) expect(latent64(['compress', '-', '--model', GREY], file).out).toEqual(expected)
})

test('GIF and TIFF, which the service does not read, give the code of their pixels', async () => {
  const blackAndWhite = digit(5).map((sample) => (sample < 128 ? 0 : 255)) // sharp's GIF palettes may be off by one
  const image = sharp(blackAndWhite, { raw: { width: 28, height: 28, channels: 1 } })
  const expected = compress(grey, blackAndWhite).code
  for (const file of [
    await image.clone().gif({ dither: 0 }).toBuffer(),
    await image.clone().tiff({ compression: 'lzw' }).toBuffer(),
  ])
    expect(latent64(['compress', '-', '--model', GREY], file).out).toEqual(expected)
})

test('--format json and base64url hold the same code, and decompress and inspect read both', () => {
  const words = (format: string) => [
    'compress',
    place('digits', '0.png'),
    '-o',
    '-',
    '--model',
    GREY,
    '--format',
    format,
  ]
  const expected = compress(grey, digit(0))
  const json = latent64(words('json')).out
  const text = latent64(words('base64url')).out
  expect(fromBase64Url(textOf(text).trim())).toEqual(expected.code)
  expect(JSON.parse(textOf(json))).toMatchObject({ bytes: expected.bytes, error: { mse: expected.mse } })
  for (const input of [json, text, expected.code]) {
    const inspected = JSON.parse(textOf(latent64(['inspect', '-', '--json', '--model', GREY], input).out))
    expect(inspected.symbols).toEqual(Array.from(expected.symbols))
    expect(inspected.level).toBe(expected.level)
  }
})

test('--size original and --size WxH give pictures of that size', async () => {
  const code = latent64(['compress', place('photo.png'), '-o', '-', '--model', COLOUR]).out
  const sizeOf = async (size: string) => {
    const { width, height } = await sharp(
      latent64(['decompress', '-', '--model', COLOUR, '--size', size], code).out,
    ).metadata()
    return [width, height]
  }
  expect(await sizeOf('original')).toEqual([70, 45])
  expect(await sizeOf('50x60')).toEqual([50, 60])
  expect(await sizeOf('model')).toEqual([32, 32])
})

test('an unreadable file is reported with status 1, and the others are written', () => {
  writeFileSync(place('broken.png'), encodePng(digit(1), digitShape).subarray(0, 60))
  const files = [place('digits', '1.png'), place('broken.png'), place('absent.png'), place('digits', '2.png')]
  const run = latent64(['compress', ...files, '--out', place('some'), '--model', GREY])
  expect(run.status).toBe(1)
  expect(run.err).toContain('broken.png')
  expect(run.err).toContain('absent.png')
  expect(run.err).toContain('2 failed')
  expect(readdirSync(place('some')).sort()).toEqual(['1.l64', '2.l64'])
})

test('a bound that cannot be kept is a failure that names what is possible, and writes nothing', () => {
  const run = latent64([
    'compress',
    place('digits', '0.png'),
    '-o',
    place('tiny.l64'),
    '--model',
    GREY,
    '--max-bytes',
    '3',
  ])
  expect(run.status).toBe(1)
  expect(run.err).toMatch(/the smallest takes \d+/)
  expect(existsSync(place('tiny.l64'))).toBe(false)
})

test('an existing file is not overwritten without --force', () => {
  writeFileSync(place('kept.l64'), 'precious')
  const words = ['compress', place('digits', '0.png'), '-o', place('kept.l64'), '--model', GREY]
  expect(latent64(words).status).toBe(1)
  expect(readFileSync(place('kept.l64'), 'utf8')).toBe('precious')
  expect(latent64([...words, '--force']).status).toBe(0)
  expect(new Uint8Array(readFileSync(place('kept.l64')))).toEqual(compress(grey, digit(0)).code)
})

test('wrong usage is status 2, and a damaged code status 1', () => {
  expect(latent64(['compress']).status).toBe(2)
  expect(latent64(['compress', 'x.png', '--level', '1', '--max-bytes', '9']).status).toBe(2)
  expect(latent64(['nonsense']).status).toBe(2)
  const code = Uint8Array.from(compress(grey, digit(0)).code)
  code[5] ^= 1
  const run = latent64(['decompress', '-', '--model', GREY], code)
  expect(run.status).toBe(1)
  expect(run.out).toHaveLength(0)
})

test('the result of a folder is a folder even if it holds one image; that of a single file is a file', async () => {
  const options = { out: place('out'), extension: '.l64', accepts: () => true }
  mkdirSync(place('one'))
  writeFileSync(place('one', '1.png'), '')
  const outputOf = async (path: string) => (await listJobs([path], options)).jobs.map(({ output }) => output)
  expect(await outputOf(place('one'))).toEqual([place('out', '1.l64')])
  expect(await outputOf(place('one', '1.png'))).toEqual([place('out')])
})
