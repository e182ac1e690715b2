import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../node/load-model.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { compress } from '../shared/codec/codec.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'

const CLI = join(import.meta.dirname, '..', 'cli', 'latent64.mjs')
const GREY = join(TEST_MODELS, 'mnist')
const folder = mkdtempSync(join(tmpdir(), 'latent64-ndjson-'))
const images = join(folder, 'images')
const codes = join(folder, 'codes.ndjson')
const COUNT = 400
const shape = { height: 28, width: 28, channels: 1 as const }
const samples = (seed: number) => Uint8Array.from({ length: 784 }, (_, i) => (i * (seed % 97) + seed) & 255)
const nameOf = (i: number) => `${i % 7}/${i}.png`
let codeOf: (seed: number) => string

function put(path: string, bytes: Uint8Array) {
  mkdirSync(dirname(join(images, path)), { recursive: true })
  writeFileSync(join(images, path), bytes)
}
beforeAll(async () => {
  for (let i = 0; i < COUNT; i++) put(nameOf(i), encodePng(samples(i), shape))
  const model = await loadModelDirectory(GREY)
  codeOf = (seed) => toBase64Url(compress(model, samples(seed)).code)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const words = (...more: string[]) => [CLI, 'compress', images, '--out', codes, '--model', GREY, ...more]
const run = (...more: string[]) => spawnSync(process.execPath, words(...more), { encoding: 'utf8' })
const lines = () =>
  readFileSync(codes, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const codesByPath = () => Object.fromEntries(lines().map(({ path, code }) => [path, code]))
const expected = () => Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [nameOf(i), codeOf(i)]))

test('kill -9 loses at most a batch, and the next run ends with one correct line per image', async () => {
  const child = spawn(process.execPath, words('--jobs', '2'), { stdio: 'ignore' })
  const size = () => readFileSync(codes, { encoding: 'utf8', flag: 'a+' }).split('\n').length - 1
  while (size() < 64 && child.exitCode === null) await sleep(1)
  child.kill('SIGKILL')
  const before = size()
  expect(before).toBeGreaterThanOrEqual(64)
  appendFileSync(codes, '{"path": "cut in the mid') // as a power cut would leave it
  const { status, stderr } = run()
  expect(status).toBe(0)
  expect(stderr).toContain(`${before} images as before; ${COUNT - before} images`)
  expect(lines()).toHaveLength(COUNT)
  expect(codesByPath()).toEqual(expected())
}, 120_000)

test('images that changed, other settings and --force are compressed again; removed images lose their line', () => {
  put(nameOf(3), encodePng(samples(5), shape))
  rmSync(join(images, nameOf(4)))
  const again = run()
  expect(again.stderr).toContain('398 images as before; 1 image,')
  expect(codesByPath()).toEqual({ ...expected(), [nameOf(3)]: codeOf(5), [nameOf(4)]: undefined })
  expect(run('--max-bytes', '20').stderr).not.toContain('as before')
  expect(run('--force').stderr).not.toContain('as before')
  put(nameOf(3), encodePng(samples(3), shape))
  put(nameOf(4), encodePng(samples(4), shape))
  expect(run().status).toBe(0)
  expect(codesByPath()).toEqual(expected())
}, 120_000)

test('an image that cannot be read has a line with its error, is tried again, and the exit status is 1', () => {
  put('broken.png', encodePng(samples(1), shape).subarray(0, 50))
  const broken = run()
  expect(broken.status).toBe(1)
  expect(lines().find(({ path }) => path === 'broken.png')).toMatchObject({ error: expect.any(String) })
  put('broken.png', encodePng(samples(1), shape))
  expect(run().status).toBe(0)
  expect(codesByPath()['broken.png']).toBe(codeOf(1))
  rmSync(join(images, 'broken.png'))
  expect(run().status).toBe(0)
  expect(codesByPath()).toEqual(expected())
})

test('decompress writes the pictures of a file of codes below --out, whatever its paths say', () => {
  appendFileSync(codes, `${JSON.stringify({ path: '../../evil.png', code: codeOf(1) })}\n`)
  const out = join(folder, 'pictures')
  const to = ['decompress', codes, '--out', out, '--model', GREY]
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...to], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toContain('outside')
  const files = readdirSync(out, { recursive: true }).map(String)
  expect(files.filter((file) => file.endsWith('.png'))).toHaveLength(COUNT)
  expect(readdirSync(folder)).not.toContain('evil.png')
}, 60_000)
