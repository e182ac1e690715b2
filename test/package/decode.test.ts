import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import sharp from 'sharp'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type * as Decode from '../../package/decode/decode.ts'
import { codesOf } from './codes.ts'

const module = () => join(inject('project'), 'node_modules', 'latent64', 'web', 'decode.js')

let latent64: typeof Decode
let codes: string[]
beforeAll(async () => {
  latent64 = await import(pathToFileURL(module()).href)
  codes = await codesOf(16)
})

/** By a bundler that is not the one that built the package. */
async function bundledBytes(names: string): Promise<number> {
  const bundle = await rolldown({
    input: 'entry',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : undefined),
        load: (id) => (id === 'entry' ? `export ${names} from ${JSON.stringify(module())}` : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ minify: true })
  return gzipSync(output.map((each) => ('code' in each ? each.code : '')).join(''), { level: 9 }).length
}

describe('latent64/decode', () => {
  test('has at most 16 kB, minified and gzipped, with everything in it; drawing alone takes less', async () => {
    const [all, drawing] = [await bundledBytes('*'), await bundledBytes('{ decode }')]
    console.log(`latent64/decode: ${all} bytes gzipped, decode() alone ${drawing}`)
    expect(all).toBeLessThanOrEqual(16_000)
    expect(drawing).toBeLessThan(all)
  })

  test('a data URL has at most 300 characters, and libwebp reads nearly the picture from it', async () => {
    for (const code of codes) {
      const url = latent64.toDataURL(code)
      expect(url.length).toBeLessThanOrEqual(300)
      expect(url).toMatch(/^data:image\/webp;base64,/)
      const webp = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
      const { data, info } = await sharp(webp).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
      expect(Math.max(info.width, info.height)).toBe(16)
      const { rgba } = latent64.decode(code, { width: info.width, height: info.height })
      const error = rgba.reduce((sum, value, i) => sum + (value - data[i]) ** 2, 0) / rgba.length
      expect(10 * Math.log10(255 ** 2 / error)).toBeGreaterThan(24)
    }
  })

  test('a data URL of fewer characters is coarser, and a limit that nothing fits into is refused', () => {
    expect(latent64.toDataURL(codes[0], { maxBytes: 180 }).length).toBeLessThanOrEqual(180)
    expect(() => latent64.toDataURL(codes[0], { maxBytes: 60 })).toThrow(RangeError)
  })

  test('gradients have at most 150 characters, and are nearer to the picture than its average colour', () => {
    for (const code of codes) {
      const css = latent64.toGradient(code)
      expect(css.length).toBeLessThanOrEqual(150)
      expect(css).toMatch(/^(radial-gradient\(at [\d %]+,#[0-9a-f]{6},#0000\),){3}#[0-9a-f]{6}$/)
    }
  })

  test('average colour and aspect are those of the picture', () => {
    for (const code of codes) {
      const { r, g, b } = latent64.averageColor(code)
      const { width, height, rgba } = latent64.decode(code)
      const mean = [0, 1, 2].map(
        (c) => rgba.filter((_, i) => i % 4 === c).reduce((sum, value) => sum + value, 0) / (rgba.length / 4),
      )
      for (const [c, value] of [r, g, b].entries()) expect(Math.abs(value - mean[c])).toBeLessThan(16)
      expect(Math.abs(Math.log(latent64.aspectRatio(code) / (width / height)))).toBeLessThan(0.05)
    }
  })

  test('bytes and base64url are one code', () => {
    const bytes = latent64.fromBase64Url(codes[0])
    expect(latent64.toBase64Url(bytes)).toBe(codes[0])
    expect(latent64.decode(bytes)).toEqual(latent64.decode(codes[0]))
  })

  test('anything but a code is a CodecError, from every function', () => {
    const { decode, toDataURL, toGradient, averageColor, aspectRatio, CodecError } = latent64
    for (const read of [decode, toDataURL, toGradient, averageColor, aspectRatio])
      for (const bad of ['', 'AAAA', 'no code', `${codes[0].slice(0, -1)}-`])
        expect(() => read(bad)).toThrow(CodecError)
  })
})
