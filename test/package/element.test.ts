import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { codesOf } from './codes.ts'
import { describeInChromium, visit } from './in-chromium.ts'
import { type StaticServer, serveStatic } from './serve.ts'

const photo = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples', 'cat.jpg')

const document = (
  body: string,
  head = '',
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>
<style>body { margin: 0 } img { max-width: 100%; height: auto }</style>
<script>
  window.shift = 0; window.longTasks = []
  new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask', buffered: true })
</script>
<script type="module" src="/latent64/web/element.js"></script>${head}</head><body>${body}</body></html>`

const image = (code: string, src: string, attributes = '') =>
  `<latent-image code="${code}"><img src="${src}" width="400" height="266" alt="A cat" ${attributes}></latent-image>`

describeInChromium('<latent-image>, by a plain <script type=module>', () => {
  let directory: string
  let server: StaticServer
  const pages: Record<string, string> = {}

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'latent64-element-'))
    await cp(join(inject('project'), 'node_modules', 'latent64'), join(directory, 'latent64'), {
      recursive: true,
    })
    await cp(photo, join(directory, 'cat.jpg'))
    server = await serveStatic(directory, pages)
    const codes = await codesOf(200)
    pages['/many'] = document(
      codes.map((code, i) => image(code, `/slow/cat.jpg?${i}`, 'loading="lazy"')).join(''),
    )
    pages['/one'] = document(image(codes[0], '/slow/cat.jpg'))
    pages['/attributes'] = document(
      `<latent-image code="${codes[0]}" src="/cat.jpg" alt="A cat" width="400" height="266"></latent-image>`,
    )
    pages['/missing'] = document(image(codes[0], '/missing.jpg'))
    pages['/no-code'] = document(image('no-code', '/cat.jpg'))
  })
  afterAll(async () => {
    server.close()
    await rm(directory, { recursive: true })
  })

  const drawn = `[...document.querySelectorAll('latent-image')].filter((each) => {
    const canvas = each.shadowRoot?.querySelector('canvas')
    return canvas && canvas.width > 0 && canvas.getContext('2d').getImageData(5, 5, 1, 1).data[3] === 255 && canvas.width !== 300
  }).length`

  test('200 on a page are all drawn, and nothing on it moves', async () => {
    const { page, errors } = await visit(`${server.url}/many`)
    await page.waitForFunction(`${drawn} === 200`)
    const spent = await page.evaluate('performance.now()')
    const { shift, longTasks } = await page.evaluate(
      '({ shift: window.shift, longTasks: window.longTasks })' as unknown as () => {
        shift: number
        longTasks: number[]
      },
    )
    console.log(
      `200 previews were there ${Math.round(spent as number)} ms after the navigation; long tasks: ${longTasks.map(Math.round)}`,
    )
    expect(shift).toBe(0)
    expect(errors).toEqual([])
  })

  test('the preview is there before the photograph, which fades in and hides it', async () => {
    const { page } = await visit(`${server.url}/one`)
    const element = page.locator('latent-image')
    await page.waitForFunction(`${drawn} === 1`)
    expect(await element.getAttribute('state')).toBe('preview')
    await page.waitForSelector('latent-image[state=loaded][fade]')
    expect(await page.locator('img').evaluate((img) => getComputedStyle(img).transitionDuration)).toBe('0.4s')
    await page.waitForFunction("getComputedStyle(document.querySelector('img')).opacity === '1'")
  })

  test('nothing fades for who asked for reduced motion', async () => {
    const { page } = await visit(`${server.url}/one`, { reducedMotion: 'reduce' })
    await page.waitForSelector('latent-image[state=loaded]')
    expect(await page.locator('img').evaluate((img) => getComputedStyle(img).transitionDuration)).toBe('0s')
    expect(await page.locator('img').evaluate((img) => getComputedStyle(img).opacity)).toBe('1')
  })

  test('without JavaScript the <img> shows', async () => {
    const { page } = await visit(`${server.url}/one`, { javaScriptEnabled: false })
    expect(await page.locator('img').isVisible()).toBe(true)
    expect((await page.locator('img').boundingBox())!.width).toBe(400)
  })

  test('its attributes make the <img> if there is none inside, and follow it', async () => {
    const { page } = await visit(`${server.url}/attributes`)
    await page.waitForSelector('latent-image[state=loaded]')
    expect(await page.locator('latent-image img').getAttribute('alt')).toBe('A cat')
    await page.locator('latent-image').evaluate((each) => each.setAttribute('alt', 'Another'))
    expect(await page.locator('latent-image img').getAttribute('alt')).toBe('Another')
    const { width, height } = (await page.locator('latent-image').boundingBox())!
    expect([width, Math.round(height)]).toEqual([400, 266])
  })

  test('a photograph that does not load leaves the preview, says so, and fires an event', async () => {
    const { page } = await visit(`${server.url}/missing`)
    await page.waitForSelector('latent-image[state=error]')
    await page.waitForFunction(`${drawn} === 1`)
    expect(await page.locator('canvas').evaluate((canvas) => getComputedStyle(canvas).visibility)).toBe(
      'visible',
    )
  })

  test('what is no code shows no preview, and the photograph as ever', async () => {
    const { page, errors } = await visit(`${server.url}/no-code`)
    await page.waitForSelector('latent-image[state=loaded][invalid]')
    expect(errors).toEqual([])
  })

  test('a narrow screen scales it as it scales the photograph', async () => {
    const { page } = await visit(`${server.url}/one`, { viewport: { width: 200, height: 400 } })
    await page.waitForFunction(`${drawn} === 1`)
    const { width, height } = (await page.locator('latent-image').boundingBox())!
    expect([width, Math.round(height)]).toEqual([200, 133])
  })
})
