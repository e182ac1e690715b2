import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, inject, test } from 'vitest'
import type { LatentImage } from '../../package/element/element.ts'
import { describeInChromium, visit } from './in-chromium.ts'
import { serveStatic } from './serve.ts'

const examples = join(import.meta.dirname, '..', '..', 'examples')

/** In CI an example that is not installed is a failure. */
function isMissing(name: string): boolean {
  if (existsSync(join(examples, name, 'node_modules'))) return false
  if (process.env.CI) throw new Error(`examples/${name} is not installed: npm run setup:package`)
  console.log(`examples/${name} is skipped: npm run setup:package installs what it needs`)
  return true
}

/** With the package as it is now. */
async function build(name: string): Promise<string> {
  const directory = join(examples, name)
  const installed = join(directory, 'node_modules', 'latent64')
  await rm(installed, { recursive: true, force: true })
  await cp(inject('built'), installed, { recursive: true })
  const { code, output } = await run(directory, ['run', 'build'])
  expect(code, output).toBe(0)
  return directory
}

const env = {
  ...process.env,
  ASTRO_TELEMETRY_DISABLED: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  NODE_ENV: 'production',
  CI: 'true',
}
const children: ChildProcess[] = []

function run(cwd: string, words: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('npm', words, { cwd, env })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data
      })
    child.on('close', (code) => resolve({ code, output }))
  })
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

describeInChromium('the recipes', () => {
  test.skipIf(isMissing('vite'))(
    'Vite: the element and the React component show previews, then photographs',
    async () => {
      const server = await serveStatic(join(await build('vite'), 'dist'))
      const { page, errors } = await visit(server.url)
      await page.waitForSelector('latent-image[state=loaded]')
      const photo = page.locator('#react img')
      expect(await photo.evaluate((img) => getComputedStyle(img).backgroundImage)).toContain(
        'data:image/webp',
      )
      expect(await photo.getAttribute('src')).toMatch(/^\/assets\/coffee-.*\.jpg$/)
      expect(errors).toEqual([])
      server.close()
    },
  )

  for (const framework of ['vue', 'svelte'])
    test.skipIf(isMissing(framework))(
      `${framework}: the element follows what the framework sets, code and photograph`,
      async () => {
        const server = await serveStatic(join(await build(framework), 'dist'))
        const { page, errors } = await visit(server.url)
        await page.waitForSelector('latent-image[state=loaded] img[alt="A cat"]')
        const first = await page.locator('latent-image').evaluate((each) => (each as LatentImage).code)
        await page.getByRole('button').click()
        await page.waitForSelector('latent-image[state=loaded] img[alt="A cup of coffee"]')
        expect(await page.locator('latent-image').evaluate((each) => (each as LatentImage).code)).not.toBe(
          first,
        )
        const box = await page.locator('latent-image').boundingBox()
        const { width, height } = await page.locator('img').evaluate((img) => ({
          width: (img as HTMLImageElement).naturalWidth,
          height: (img as HTMLImageElement).naturalHeight,
        }))
        expect(box!.width / box!.height).toBeCloseTo(width / height, 1)
        expect(errors).toEqual([])
        server.close()
      },
    )

  test.skipIf(isMissing('astro'))(
    'Astro: the preview stands in the HTML, and the element fades',
    async () => {
      const server = await serveStatic(join(await build('astro'), 'dist'))
      const { page, errors } = await visit(server.url)
      await page.waitForSelector('latent-image[state=loaded]')
      const style = await page.locator('body > img').getAttribute('style')
      expect(style).toContain('data:image/webp')
      expect(errors.filter((each) => !each.includes('favicon') && !each.includes('404'))).toEqual([])
      server.close()
    },
  )

  test.skipIf(isMissing('next'))(
    'Next.js: next/image and LatentImage have their previews in the HTML',
    async () => {
      const directory = await build('next')
      expect(await readdir(join(directory, 'app'))).toContain('placeholders.json')
      const port = 3457
      const child = spawn(
        process.execPath,
        [join('node_modules', 'next', 'dist', 'bin', 'next'), 'start', '-p', String(port)],
        { cwd: directory, env },
      )
      children.push(child)
      await new Promise<void>((ready) =>
        child.stdout.on('data', (data) => String(data).includes('Ready') && ready()),
      )
      const html = await (await fetch(`http://127.0.0.1:${port}`)).text()
      expect(html.match(/<img[^>]*data:image\/webp/g)).toHaveLength(2)
      const { page, errors } = await visit(`http://127.0.0.1:${port}`)
      await page.waitForFunction('[...document.images].every((img) => img.complete && img.naturalWidth > 0)')
      expect(errors.filter((each) => !each.includes('404'))).toEqual([])
    },
  )
})
