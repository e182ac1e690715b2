import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { codesOf } from './codes.ts'

const WORKER = `
import { averageColor, decode, toDataURL, toGradient } from 'latent64/decode'
import { previewHandler } from 'latent64/html'
import { compress } from 'latent64'
export default {
  async fetch(request) {
    const code = new URL(request.url).searchParams.get('code')
    const { width, height, rgba } = decode(code)
    const html = new Response('<img data-latent64="' + code + '">', { headers: { 'content-type': 'text/html' } })
    const rewritten = await new HTMLRewriter().on('img[data-latent64]', previewHandler()).transform(html).text()
    const refused = await compress('a.jpg').catch((error) => error.message)
    return Response.json({ width, height, samples: rgba.length, color: averageColor(code), url: toDataURL(code), gradient: toGradient(code), rewritten, refused })
  },
}`

const CONFIG = (port: number) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`

/** Its module's default export is the path of the program. */
const { default: workerdBin } = createRequire(import.meta.url)('workerd') as { default: string }
const PORT = 9217
let workerd: ChildProcess

beforeAll(async () => {
  await build({
    stdin: { contents: WORKER, resolveDir: inject('project') },
    ...{ bundle: true, outfile: join(inject('project'), 'worker.js'), format: 'esm', logLevel: 'error' },
    conditions: ['workerd', 'worker', 'browser'],
  })
  await writeFile(join(inject('project'), 'config.capnp'), CONFIG(PORT))
  workerd = spawn(workerdBin, ['serve', join(inject('project'), 'config.capnp')], { stdio: 'inherit' })
})
afterAll(() => workerd.kill())

async function ask(path: string): Promise<Record<string, unknown>> {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`http://127.0.0.1:${PORT}${path}`).catch(() => undefined)
    if (response) return (await response.json()) as Record<string, unknown>
    if (tries > 100) throw new Error('workerd does not respond')
    await new Promise((done) => setTimeout(done, 100))
  }
}

test('in workerd codes are decoded, and HTMLRewriter puts previews into a page', async () => {
  const [code] = await codesOf(1)
  const response = await ask(`/?code=${code}`)
  expect(response).toMatchObject({ width: 32, height: 21, samples: 32 * 21 * 4 })
  expect(String(response.url).length).toBeLessThanOrEqual(300)
  expect(String(response.gradient).length).toBeLessThanOrEqual(150)
  expect(response.rewritten).toContain('style="background:url(data:image/webp')
  expect(response.refused).toContain('latent64/decode')
})
