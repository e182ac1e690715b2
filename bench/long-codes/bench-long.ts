/**
 * `npm run bench:long -- PHOTOGRAPH`: times codes of half and a quarter of a bit per pixel beside jSquash's WebP, at
 * 768 x 512 and 256 x 171, in Node and Chromium (workerd has the same V8, but its clock stands still). Writes
 * results/bench-long.json.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { build } from 'esbuild'
import sharp from 'sharp'
import { softwareVersions } from '../../evaluate/software.ts'
import { writeJson } from '../../node/atomic-write.ts'
import { readGridFiles } from '../../node/grid-model-directory.ts'
import { gridWasmPaths, SHIPPED_MODELS } from '../../node/installed-files.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findChromium, launchChromium } from '../../scripts/page/chromium.ts'
import { compressPreview } from '../../shared/grid/preview-codes.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import type { LongBench } from './bench-result.ts'
import { type CodecSpeed, codecSpeed, type SpeedInput } from './codec-speed.ts'
import { convolveGigaMacs } from './convolve-speed.ts'

const root = join(import.meta.dirname, '..', '..')
const ROUNDS = 15
const LONG_SIDES = [256, 768]
const BITS_A_PIXEL = [0.25, 0.5]

const { args } = new Command('npm run bench:long --')
  .description('Times long codes beside WebP, in Node and Chromium, and writes results/bench-long.json.')
  .argument('<photograph>', 'an image of at least 768 x 512 pixels')
  .parse()
const [photograph] = args
const webp = createRequire(import.meta.url)
  .resolve('@jsquash/webp')
  .replace(/index\.js$/, 'codec')
const preview = await loadModelDirectory(join(SHIPPED_MODELS, 'preview'))
const read = async (path: string) => new Uint8Array(await readFile(path))

async function inputOf(longSide: number, bitsAPixel: number): Promise<SpeedInput> {
  const image = sharp(photograph).resize(longSide, longSide, { fit: 'inside' }).ensureAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const rgba = new Uint8Array(data)
  const samples = new Uint8Array(await image.clone().removeAlpha().raw().toBuffer())
  const small = areaAverage(samples, { width, height, channels: 3 }, preview.manifest.input)
  const { tables, decoder, encoder } = await readGridFiles(join(SHIPPED_MODELS, 'grid'))
  const maxBytes = Math.round((bitsAPixel * width * height) / 8)
  return {
    ...{ width, height, rounds: ROUNDS, maxBytes, quality: await qualityOf(rgba, width, height, maxBytes) },
    bytes: {
      ...{ rgba, previewCode: compressPreview(preview, small, info).code.slice() },
      ...{ tables: tables.slice(), decoder: decoder.slice(), encoder: encoder!.slice() },
      convolve: await read(gridWasmPaths.convolve),
      pixels: await read(gridWasmPaths.pixels),
      planeCoder: await read(gridWasmPaths.planeCoder),
      webpDecoder: await read(join(webp, 'dec', 'webp_dec.wasm')),
      webpEncoder: await read(join(webp, 'enc', 'webp_enc_simd.wasm')),
    },
  }
}

/** The quality of the largest WebP within `maxBytes`. */
async function qualityOf(rgba: Uint8Array, width: number, height: number, maxBytes: number): Promise<number> {
  for (let quality = 90; quality > 0; quality -= 2) {
    const file = await sharp(rgba, { raw: { width, height, channels: 4 } })
      .webp({ quality, effort: 6 })
      .toBuffer()
    if (file.length <= maxBytes) return quality
  }
  return 0
}

async function inChromium(inputs: SpeedInput[]): Promise<CodecSpeed[]> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { codecSpeed } from './codec-speed.ts'
        const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
        window.measure = ({ bytes, ...input }) => codecSpeed({ ...input,
          bytes: Object.fromEntries(Object.entries(bytes).map(([name, text]) => [name, bytesOf(text)])) })`,
      resolveDir: import.meta.dirname,
    },
    ...{
      bundle: true,
      format: 'iife',
      write: false,
      platform: 'browser',
      define: { 'import.meta.url': '"http://localhost/"' },
    },
  })
  const path = findChromium()
  if (!path) throw new Error('there is no Chromium here')
  const browser = await launchChromium(path)
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: outputFiles[0].text })
    const speeds: CodecSpeed[] = []
    for (const { bytes, ...input } of inputs) {
      const texts = Object.fromEntries(
        Object.entries(bytes).map(([name, each]) => [name, Buffer.from(each).toString('base64')]),
      )
      speeds.push(
        await page.evaluate(
          (given) => (window as unknown as { measure(input: unknown): Promise<CodecSpeed> }).measure(given),
          { ...input, bytes: texts },
        ),
      )
    }
    return speeds
  } finally {
    await browser.close()
  }
}

const cases = LONG_SIDES.flatMap((longSide) => BITS_A_PIXEL.map((bitsAPixel) => ({ longSide, bitsAPixel })))
const inputs = await Promise.all(cases.map(({ longSide, bitsAPixel }) => inputOf(longSide, bitsAPixel)))
const node: CodecSpeed[] = []
for (const input of inputs) node.push(await codecSpeed(input))
const browser = await inChromium(inputs)
const results = cases.map((each, i) => ({
  ...{ ...each, width: inputs[i].width, height: inputs[i].height },
  ...{ node: node[i], chromium: browser[i] },
}))
const convolve = await convolveGigaMacs()
const result: LongBench = {
  rounds: ROUNDS,
  convolveGigaMacs: convolve,
  results,
  cpu: cpus()[0].model,
  software: softwareVersions(),
}
await writeJson(join(root, 'results', 'bench-long.json'), result)
for (const { width, height, bitsAPixel, ...runtimes } of results)
  for (const [runtime, { decodeMs, encodeMs }] of Object.entries(runtimes).filter(
    ([name]) => name !== 'longSide',
  ) as [string, CodecSpeed][]) {
    const ratio = (of: { latent64: number; webp: number }) =>
      `${of.latent64.toFixed(1)} ms, WebP ${of.webp.toFixed(1)}: ${(of.latent64 / of.webp).toFixed(2)}x`
    console.log(
      `${width} x ${height}, ${bitsAPixel} bpp, ${runtime}: decode ${ratio(decodeMs)}; encode ${ratio(encodeMs)}`,
    )
  }
console.log(`convolve.wat ${convolve.toFixed(1)} GMAC/s`)
