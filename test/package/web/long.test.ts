import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type * as Decode from '../../../package/decode/decode.ts'
import type * as Latent64 from '../../../package/latent64.ts'
import type * as Long from '../../../package/long/long.ts'
import { openPlanes, packBeforePlanes } from '../../../shared/grid/grid-code.ts'
import { packGridContainer } from '../../../shared/grid/grid-container.ts'
import { BitEncoder } from '../../../shared/grid/planes/bit-coder.ts'
import { describeInChromium, visit } from '../in-chromium.ts'
import { type StaticServer, serveStatic } from '../serve.ts'

const photo = join(import.meta.dirname, '..', '..', '..', 'edge', 'page', 'examples', 'cat.jpg')
const installed = () => join(inject('project'), 'node_modules', 'latent64')
const load = <T>(path: string): Promise<T> => import(pathToFileURL(join(installed(), path)).href)

let code: string
let pixels: Uint8Array
beforeAll(async () => {
  const { compress, decompress } = await load<typeof Latent64>('node/latent64.js')
  code = (await compress(photo, { maxBytes: 600 })).code
  pixels = (await decompress(code)).data
})

describe('latent64/long', () => {
  test('draws the pixels that the Node API draws, and any beginning of a code', async () => {
    const { decodeLong } = await load<typeof Long>('web/long.js')
    const whole = await decodeLong(code)
    expect(whole.rgba.filter((_, i) => i % 4 < 3)).toEqual(new Uint8ClampedArray(pixels))
    const bytes = Buffer.from(code, 'base64url')
    expect(await decodeLong(bytes.subarray(0, 300))).toMatchObject({ bytes: 300, totalBytes: 600 })
    const { decode } = await load<typeof Decode>('web/decode.js')
    const preview = await decodeLong(bytes.subarray(0, 24))
    expect(preview).toMatchObject({ bytes: 24, totalBytes: 600, rgba: decode(code).rgba })
  })

  test('refuses damage, and codes of another model, with CodecError', async () => {
    const { decodeLong, CodecError } = await load<typeof Long>('web/long.js')
    const bytes = Buffer.from(code, 'base64url')
    const altered = Uint8Array.from(bytes, (byte, i) => (i === 400 ? byte ^ 1 : byte))
    await expect(decodeLong(altered)).rejects.toThrow(CodecError)
    const { previewCode, modelNumber } = openPlanes(bytes)
    const coder = new BitEncoder()
    packBeforePlanes(coder, modelNumber ^ 1, 0, { width: 64, height: 48 })
    const other = decodeLong(packGridContainer(previewCode, coder.finish(), 600))
    await expect(other).rejects.toThrow(CodecError)
    await expect(other).rejects.toThrow(`of grid model ${modelNumber ^ 1}`)
  })

  test('has at most 150 kB gzipped, with the model and its kernel in it', async () => {
    const files = await Promise.all(
      (await chunksOf('long.js')).map((file) => readFile(join(installed(), 'web', file))),
    )
    const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0)
    console.log(`latent64/long: ${bytes} bytes gzipped`)
    expect(bytes).toBeLessThanOrEqual(150_000)
  })

  test("latent64/decode draws a long code's preview, of 24 bytes of it too", async () => {
    const { decode, aspectRatio, CodecError } = await load<typeof Decode>('web/decode.js')
    const { width, height } = decode(code)
    const bytes = Buffer.from(code, 'base64url')
    expect(decode(bytes.subarray(0, 24))).toEqual(decode(code))
    expect(() => decode(bytes.subarray(0, 23))).toThrow(CodecError)
    expect(width / height).toBeCloseTo(aspectRatio(code), 1)
    expect(Math.max(width, height)).toBe(32)
  })
})

/** A module and all that it imports. */
async function chunksOf(file: string): Promise<string[]> {
  const text = await readFile(join(installed(), 'web', file), 'utf8')
  const imports = [...text.matchAll(/from "\.\/([\w.-]+)"/g)].map(([, name]) => name)
  const deeper = await Promise.all(imports.map(chunksOf))
  return [...new Set([file, ...deeper.flat()])]
}

describeInChromium('<latent-image> with a long code', () => {
  let directory: string
  let server: StaticServer
  const pages: Record<string, string> = {}

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'latent64-long-'))
    await cp(installed(), join(directory, 'latent64'), { recursive: true })
    server = await serveStatic(directory, pages)
    const page = (script: string, head = '') =>
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>${head}<script type="module" src="/latent64/web/${script}"></script></head><body><latent-image code="${code}" alt="A cat" width="400" height="266"></latent-image></body></html>`
    pages['/script'] = page('element.min.js')
    pages['/module'] = page('element.js')
    pages['/no-wasm'] = page(
      'element.js',
      `<meta http-equiv="Content-Security-Policy" content="script-src 'self'">`,
    )
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  const canvasWidth = "document.querySelector('latent-image').shadowRoot.querySelector('canvas').width"

  test.each(['/script', '/module'])(
    'shows its preview, and then what the rest of it adds: %s',
    async (path) => {
      const { page, errors } = await visit(server.url + path)
      await page.waitForFunction(`${canvasWidth} > 32`)
      expect(errors).toEqual([])
    },
  )

  test('keeps its preview on a page that allows no wasm', async () => {
    const { page } = await visit(`${server.url}/no-wasm`)
    await page.waitForFunction(`${canvasWidth} === 32`)
    await page.waitForTimeout(1000)
    expect(await page.evaluate(canvasWidth)).toBe(32)
  })
})
