import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isBelow } from '../cli/jobs/output-names.ts'
import { loadModelDirectory } from '../node/load-model.ts'
import { TEST_MODELS } from '../scripts/test-models.ts'
import { compress } from '../shared/codec/codec.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import { encodePng } from '../shared/images/png/encode-png.ts'

const ROOT = join(import.meta.dirname, '..')
const GREY = join(TEST_MODELS, 'mnist')
const folder = mkdtempSync(join(tmpdir(), 'latent64-files-'))
const place = (...names: string[]) => join(folder, ...names)
const shape = { height: 28, width: 28, channels: 1 as const }
const image = (seed: number) => Uint8Array.from({ length: 784 }, (_, i) => (i * (seed + 3)) & 255)
const png = (seed: number) => encodePng(image(seed), shape)
let expected: (seed: number) => Uint8Array

beforeAll(async () => {
  const model = await loadModelDirectory(GREY)
  expected = (seed) => compress(model, image(seed)).code
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

function put(path: string, bytes: Uint8Array | string = png(0)): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

function latent64(words: string[], cwd = folder) {
  const run = spawnSync(process.execPath, [join(ROOT, 'cli', 'latent64.ts'), ...words], {
    cwd,
    encoding: 'utf8',
  })
  return { status: run.status, out: run.stdout, err: run.stderr }
}
const toCodes = (...words: string[]) => latent64(['compress', ...words, '--model', GREY])
const below = (path: string) => readdirSync(path, { recursive: true }).map(String).sort()
const code = (...names: string[]) => new Uint8Array(readFileSync(place(...names)))

test('`compress .` writes below --out, whatever the names begin with', () => {
  put(place('dots', 'aa..', 'evil.png'), png(1))
  put(place('dots', 'abc.png'), png(2))
  put(place('dots', 'xbc.png'), png(3))
  expect(latent64(['compress', '.', '--out', 'codes', '--model', GREY], place('dots')).status).toBe(0)
  expect(below(place('dots', 'codes'))).toEqual(['aa..', 'aa../evil.l64', 'abc.l64', 'xbc.l64'])
  expect(code('dots', 'codes', 'xbc.l64')).toEqual(expected(3))
  expect(latent64(['decompress', '.', '--out', 'back', '--model', GREY], place('dots', 'codes')).status).toBe(
    0,
  )
  expect(below(place('dots', 'codes', 'back'))).toEqual(['aa..', 'aa../evil.png', 'abc.png', 'xbc.png'])
})

test('a path is below a folder by what it resolves to', () => {
  for (const path of ['x/a', 'x/..a', 'x/b/../a', 'x/aa../a']) expect(isBelow('x', path), path).toBe(true)
  for (const path of ['x', 'x/..', 'x/../a', 'xa', '/a', '']) expect(isBelow('x', path), path).toBe(false)
})

test('a.jpg beside a.png: each keeps its extension, and the rest of the folder is as always', async () => {
  const pixels = sharp(image(4), { raw: { width: 28, height: 28, channels: 1 } })
  put(place('twins', 'a.png'), png(4))
  put(place('twins', 'a.jpg'), await pixels.jpeg().toBuffer())
  put(place('twins', 'a.jpg.png'), png(5))
  put(place('twins', 'b.png'), png(6))
  expect(toCodes(place('twins'), '--out', place('twin-codes')).status).toBe(0)
  expect(below(place('twin-codes'))).toEqual(['a.jpg.l64', 'a.jpg.png.l64', 'a.png.l64', 'b.l64'])
  expect(code('twin-codes', 'a.png.l64')).toEqual(expected(4))
})

test('only files with the same name in two folders fail if --out is one folder; a file named twice is read once', () => {
  const [a, b, c] = [put(place('p', '1.png')), put(place('q', '1.png')), put(place('q', '2.png'), png(7))]
  const run = toCodes(a, b, c, c, '--out', place('joint'))
  expect(run.status).toBe(1)
  expect(run.err).toContain('2 failed')
  expect(below(place('joint'))).toEqual(['2.l64'])
})

test('links and .jfif count, and a loop of links ends', async () => {
  const jpeg = await sharp(image(1), { raw: { width: 28, height: 28, channels: 1 } })
    .jpeg()
    .toBuffer()
  put(place('linked', 'sub', 'one.jfif'), jpeg)
  put(place('elsewhere', 'two.png'))
  symlinkSync('..', place('linked', 'sub', 'loop'))
  symlinkSync(place('elsewhere'), place('linked', 'more'))
  symlinkSync(place('elsewhere', 'two.png'), place('linked', 'three.png'))
  expect(toCodes(place('linked'), '--out', place('linked-codes')).status).toBe(0)
  expect(below(place('linked-codes'))).toEqual([
    ...['more', 'more/two.l64', 'sub', 'sub/one.l64', 'three.l64'],
  ])
})

test('a folder of codes in each format that compress writes is decompressed, and a README in it is skipped', () => {
  put(place('few', 'x.png'), png(8))
  for (const format of ['binary', 'base64url', 'json'])
    expect(toCodes(place('few'), '--out', place('codes-of', format), '--format', format).status).toBe(0)
  put(place('codes-of', 'README.txt'), 'These are codes.')
  put(place('codes-of', 'package.json'), '{"name": "x"}')
  const run = latent64(['decompress', place('codes-of'), '--out', place('pictures'), '--model', GREY])
  expect(run.err).toContain('2 files held no code')
  expect(run.status).toBe(0)
  const pictures = ['binary', 'base64url', 'json'].map((format) => code('pictures', format, 'x.png'))
  expect(pictures[1]).toEqual(pictures[0])
  expect(pictures[2]).toEqual(pictures[0])
})

test('a folder without images is status 3; images that all fail are status 1', () => {
  put(place('none', 'notes.txt'), 'no image')
  const nothing = toCodes(place('none'))
  expect(nothing.status).toBe(3)
  expect(nothing.err).toContain('nothing was compressed')
  put(place('bad', 'x.png'), png(0).subarray(0, 50))
  expect(toCodes(place('bad')).status).toBe(1)
})

test('HEIC in a folder is named, with what to do', () => {
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmif1\0\0\0\0mif1heic')])
  put(place('phone', 'IMG_1.HEIC'), heic)
  put(place('phone', 'ok.png'))
  const run = toCodes(place('phone'), '--out', place('phone-codes'))
  expect(run.status).toBe(1)
  expect(run.err).toContain('IMG_1.HEIC: HEIC is not read: convert it first')
  expect(run.err).toContain('1 failed, of them 1 HEIC')
  expect(below(place('phone-codes'))).toEqual(['ok.l64'])
})

test('names may be as long as the file system allows', () => {
  const long = [`${'n'.repeat(251)}.png`, `${'é'.repeat(125)}.png`, `${'m'.repeat(250)}.jfif`]
  for (const name of long) put(place('long', name))
  put(place('long', `${'m'.repeat(250)}.png`), png(9))
  for (const format of ['binary', 'json']) {
    const out = place('long-codes', format)
    const run = toCodes(place('long'), '--out', out, '--format', format)
    expect(run.err).toContain('4 images')
    expect(below(out)).toHaveLength(4)
    expect(latent64(['decompress', out, '--out', `${out}-back`, '--model', GREY]).status).toBe(0)
    expect(below(`${out}-back`)).toHaveLength(4)
  }
})

test('--force writes through a link, to a FIFO and to a device, and replaces none of them', async () => {
  const source = put(place('source.png'), png(2))
  put(place('target.l64'), 'old')
  symlinkSync('target.l64', place('link.l64'))
  symlinkSync('not-there-yet.l64', place('dangling.l64'))
  for (const link of ['link.l64', 'dangling.l64']) {
    expect(toCodes(source, '-o', place(link)).status, link).toBe(1)
    expect(toCodes(source, '-o', place(link), '--force').status, link).toBe(0)
    expect(lstatSync(place(link)).isSymbolicLink()).toBe(true)
  }
  expect(code('target.l64')).toEqual(expected(2))
  expect(code('not-there-yet.l64')).toEqual(expected(2))

  execFileSync('mkfifo', [place('fifo')])
  const reader = spawn('base64', ['-w0', place('fifo')])
  const read = text(reader.stdout)
  expect(toCodes(source, '-o', place('fifo'), '--force').status).toBe(0)
  expect(await read).toBe(Buffer.from(expected(2)).toString('base64'))
  expect(statSync(place('fifo')).isFIFO()).toBe(true)

  expect(toCodes(source, '-o', '/dev/null', '--force').status).toBe(0)
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
})

test('what sharp says of a damaged GIF reaches the user, and a damaged TIFF is not called raw samples', async () => {
  const pixels = sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
  const gif = await pixels.gif().toBuffer()
  put(place('cut.gif'), gif.subarray(0, gif.length - 30))
  expect(toCodes(place('cut.gif')).err).toContain('Unexpected end of GIF')
  put(place('cut.tif'), (await pixels.tiff().toBuffer()).subarray(0, 200))
  expect(toCodes(place('cut.tif')).err).not.toContain('raw samples')
})

test('an unreadable file in `evaluate --data` is named', () => {
  put(place('data', 'good.png'))
  put(place('data', 'damaged.png'), png(1).subarray(0, 60))
  const run = latent64(['evaluate', '--model', GREY, '--data', place('data'), '--no-baselines'])
  expect(run.err).toContain('damaged.png')
  expect(run.status).toBe(2)
})

test('`evaluate --limit x` is refused, not read as NaN', () => {
  for (const option of ['--limit', '--baseline-images', '--jobs', '--max-bytes']) {
    const run = latent64(['evaluate', '--model', GREY, option, 'x'])
    expect(run.err, option).toContain('expected')
    expect(run.status).toBe(2)
  }
})

test('--version is that of package.json, and inspect and decompress take a code itself', () => {
  expect(latent64(['--version']).out.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  const words = toBase64Url(expected(3))
  const inspected = latent64(['inspect', words, '--json', '--model', GREY])
  expect(JSON.parse(inspected.out).bytes.total).toBe(expected(3).length)
  expect(latent64(['decompress', words, '--model', GREY, '-o', place('one.png')]).status).toBe(0)
  expect(existsSync(place('one.png'))).toBe(true)
})

test('control characters in a name do not reach the terminal', () => {
  put(place('hostile', 'a\x1b[2Jb\n.png'), 'no image')
  const run = toCodes(place('hostile'))
  expect(run.err).toContain('a\\x1b[2Jb\\x0a.png')
  expect(run.err).not.toContain('\x1b[2J')
})
