import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import { afterAll, expect, test } from 'vitest'
import { loadModelDirectory } from '../../node/load-model.ts'
import { openImage } from '../../node/open-image.ts'
import { compress, decompress } from '../../package/latent64.ts'
import { compress as compressSamples } from '../../shared/codec/codec.ts'
import { decodeImage } from '../../shared/images/decode-image.ts'
import { fitAlpha } from '../../shared/preview/encoder/alpha-fit.ts'
import { previewInput } from '../../shared/preview/encoder/fill-transparent.ts'
import { decode, hasAlpha } from '../../shared/preview/preview.ts'
import { shippedPreview } from '../../shared/preview/shipped/shipped.ts'
import { CUT_OUTS, pngOf } from './cut-outs.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'latent64-transparency-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Rgba = { data: Uint8Array; width: number; height: number }

const scaled = async ({ data, width, height }: Rgba, to: { width: number; height: number }) =>
  new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 4 } })
      .resize({ ...to, fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer(),
  )

async function rgbaOf(image: Sharp): Promise<Rgba> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data: new Uint8Array(data), width: info.width, height: info.height }
}

/** Over white and over black, in dB. */
function psnrOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const pixel = i - (i % 4)
    const shown = (each: Uint8Array, ground: number) =>
      (each[i] * each[pixel + 3] + ground * (255 - each[pixel + 3])) / 255
    if (i % 4 < 3) for (const ground of [0, 255]) sum += (shown(a, ground) - shown(b, ground)) ** 2
  }
  return 10 * Math.log10((65025 * 6 * a.length) / 4 / sum)
}

test('on logos and cut-outs a preview is 1.5 dB nearer than a ThumbHash of as many bytes, on white and on black', async () => {
  const gains: number[] = []
  for (const name of Object.keys(CUT_OUTS)) {
    const png = await pngOf(name)
    const reference = await rgbaOf(sharp(png).resize({ width: 64, height: 64, fit: 'inside' }))
    const small = await rgbaOf(sharp(png).resize({ width: 100, height: 100, fit: 'inside' }))
    const hash = rgbaToThumbHash(small.width, small.height, small.data)
    const { code, bytes } = await compress(new Uint8Array(png), { maxBytes: hash.length })
    expect(bytes.length).toBeLessThanOrEqual(hash.length)
    const { w, h, rgba } = thumbHashToRGBA(hash)
    const theirs = await scaled({ data: rgba, width: w, height: h }, reference)
    const ours = new Uint8Array(decode(code, reference).rgba)
    gains.push(psnrOf(ours, reference.data) - psnrOf(theirs, reference.data))
  }
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeGreaterThan(1.5)
  expect(gains.filter((gain) => gain > 0).length).toBeGreaterThanOrEqual(8)
})

test('in few bits a cut-out is coarse, not gone', async () => {
  const { data } = await sharp(await pngOf('a badge'))
    .resize(32, 32)
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { template } = shippedPreview(1)
  for (const bits of [44, 41, 38]) {
    const { symbols } = fitAlpha(new Uint8Array(data), { width: 32, height: 32 }, template, bits)
    expect(symbols.filter((symbol) => symbol !== 0).length).toBeGreaterThan(2)
  }
})

test('transparency takes 6 bytes at most, at every rate level', { timeout: 120_000 }, async () => {
  const model = await loadModelDirectory(join(ROOT, 'models', 'preview'))
  const { input, levels } = model.manifest
  for (const name of Object.keys(CUT_OUTS)) {
    const image = (await openImage(new Uint8Array(await pngOf(name))))!
    const { samples, alpha } = previewInput(await image.withAlpha(input), input)
    for (const level of levels.keys()) {
      const plain = compressSamples(model, samples, { level }).code
      const kept = compressSamples(model, samples, { level, alpha }).code
      expect(kept.length - plain.length).toBeLessThanOrEqual(6)
    }
  }
})

test('a picture with any transparency keeps it, from a file or from pixels; an opaque alpha channel takes no byte', async () => {
  for (const name of Object.keys(CUT_OUTS)) {
    const png = await pngOf(name)
    const { data, width, height } = await rgbaOf(sharp(png))
    const opaque = data.map((value, i) => (i % 4 === 3 ? 255 : value))
    const rgb = data.filter((_, i) => i % 4 < 3)
    const plain = await compress({ data: rgb, width, height, channels: 3 }, { maxBytes: 24 })
    expect((await compress({ data: opaque, width, height }, { maxBytes: 24 })).code).toBe(plain.code)
    expect(hasAlpha(plain.code)).toBe(false)
    const kept = await compress(new Uint8Array(png))
    expect(hasAlpha(kept.code)).toBe(true)
    expect((await compress({ data, width, height })).code).toBe(kept.code)
  }
})

test('PNG, WebP, TIFF and SVG of one cut-out have the same transparency; JPEG has none', async () => {
  const shape = { width: 32, height: 32, channels: 3 as const }
  const png = await pngOf('an astronaut')
  const expected = (await (await openImage(new Uint8Array(png)))!.withAlpha(shape)).alpha!
  const others = [
    await sharp(png).webp({ lossless: true }).toBuffer(),
    await sharp(png).tiff({ compression: 'deflate' }).toBuffer(),
    Buffer.from(CUT_OUTS['an astronaut']),
    await sharp(png).png({ palette: true, colours: 255 }).toBuffer(),
  ]
  for (const file of others) {
    const { alpha } = await (await openImage(new Uint8Array(file)))!.withAlpha(shape)
    const farthest = Math.max(...alpha!.map((value, i) => Math.abs(value - expected[i])))
    expect(farthest).toBeLessThanOrEqual(2)
  }
  const jpeg = await sharp(png).flatten().jpeg().toBuffer()
  expect((await (await openImage(new Uint8Array(jpeg)))!.withAlpha(shape)).alpha).toBeUndefined()
})

test('more bytes do not make it opaque', async () => {
  const png = new Uint8Array(await pngOf('a letter'))
  const { code, model } = await compress(png, { maxBytes: 300 })
  expect(model).toBe('preview')
  expect(hasAlpha(code)).toBe(true)
})

test('the picture on white does not depend on whether alpha is kept', async () => {
  const png = new Uint8Array(await pngOf('a letter'))
  const webp = new Uint8Array(await sharp(png).webp({ lossless: true }).toBuffer())
  const shape = { width: 30, height: 20, channels: 3 as const }
  const limits = { maxPixels: 1e6 }
  for (const [file, type] of [
    [png, 'image/png'],
    [webp, 'image/webp'],
  ] as const) {
    const without = await decodeImage(file, type, shape, limits)
    const kept = await decodeImage(file, type, shape, limits, undefined, true)
    expect(kept.samples).toEqual(without.samples)
    expect(without.alpha).toBeUndefined()
    expect(kept.alpha).toHaveLength(600)
  }
})

test('the CLI and the Node API keep it, and draw the same RGBA; mnist still puts it on white', async () => {
  const file = join(folder, 'cut-out.png')
  writeFileSync(file, await pngOf('a cat in a circle'))
  const { code } = await compress(file, { maxBytes: 28 })
  const latent64 = (...words: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli', 'latent64.mjs'), ...words])
    expect(stderr.toString()).not.toContain('rror')
    expect(status).toBe(0)
  }
  latent64('compress', file, '--max-bytes', '28', '--format', 'base64url', '--out', join(folder, 'code.txt'))
  expect(readFileSync(join(folder, 'code.txt'), 'utf8').trim()).toBe(code)
  latent64('decompress', join(folder, 'code.txt'), '--size', '48x48', '--out', join(folder, 'back.png'))
  const back = sharp(join(folder, 'back.png'))
  expect((await back.metadata()).channels).toBe(4)
  const drawn = new Uint8Array(await back.raw().toBuffer())
  expect(drawn).toEqual(new Uint8Array(decode(code, { width: 48, height: 48 }).rgba))
  const picture = await decompress(code, { size: { width: 48, height: 48 } })
  expect(picture).toMatchObject({ width: 48, height: 48, channels: 4 })
  expect(picture.data).toEqual(drawn)
  const digit = await compress(file, { model: 'mnist' })
  expect((await decompress(digit.code)).channels).toBe(1)
}, 60_000)
