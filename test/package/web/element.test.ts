import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { codesOf } from '../codes.ts'
import { describeInChromium, visit } from '../in-chromium.ts'
import { type StaticServer, serveStatic } from '../serve.ts'

const photo = join(import.meta.dirname, '..', '..', '..', 'edge', 'page', 'examples', 'cat.jpg')

const pageOf = (
  body: string,
  head = '',
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>
<style>body { margin: 0 } img { max-width: 100%; height: auto }</style>
<script>
  window.shift = 0; window.longTasks = []; window.drawings = 0
  const { putImageData } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.putImageData = function (...words) { window.drawings++; putImageData.apply(this, words) }
  new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask', buffered: true })
</script>
${head}<script type="module" src="/latent64/web/element.min.js"></script></head><body>${body}</body></html>`

const image = (code: string, src: string, attributes = '') =>
  `<latent-image code="${code}"><img src="${src}" width="400" height="266" alt="A cat" ${attributes}></latent-image>`

/** A clock by which each drawing takes 5 ms, and how many are drawn at a time. */
const CLOCK = `<script>
  let ms = 0, before = 0; window.turns = []
  performance.now = () => (ms += 5)
  const note = () => { window.turns.push(window.drawings - before); before = window.drawings }
  const put = CanvasRenderingContext2D.prototype.putImageData
  CanvasRenderingContext2D.prototype.putImageData = function (...words) {
    if (window.drawings === before) queueMicrotask(note)
    put.apply(this, words)
  }
</script>`

const STRICT = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; img-src 'self'; require-trusted-types-for 'script'">`

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
    pages['/many'] = pageOf(
      codes.map((code, i) => image(code, `/slow/cat.jpg?${i}`, 'loading="lazy"')).join(''),
    )
    pages['/turns'] = pageOf(codes.map((code) => image(code, '/missing.jpg')).join(''), CLOCK)
    pages['/strict'] = pageOf(image(codes[0], '/slow/cat.jpg')).replace(
      /<style>.*<\/style>\n<script>.*?<\/script>/s,
      STRICT,
    )
    pages['/empty'] = pageOf('<p>empty</p>')
    pages['/one'] = pageOf(image(codes[0], '/slow/cat.jpg'))
    pages['/attributes'] = pageOf(
      `<latent-image code="${codes[0]}" src="/cat.jpg" alt="A cat" width="400" height="266"></latent-image>`,
    )
    pages['/missing'] = pageOf(image(codes[0], '/missing.jpg'))
    pages['/no-code'] = pageOf(image('no-code', '/slow/cat.jpg'))
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
    await page.waitForFunction('window.drawings === 200')
    const spent = await page.evaluate('performance.now()')
    await page.waitForFunction(`${drawn} === 200`)
    const { shift, longTasks } = (await page.evaluate(
      '({ shift: window.shift, longTasks: window.longTasks })',
    )) as { shift: number; longTasks: number[] }
    console.log(
      `200 previews were there ${Math.round(spent as number)} ms after the navigation; long tasks: ${longTasks.map(Math.round)}`,
    )
    expect(shift).toBe(0)
    expect(errors).toEqual([])
  })

  test('they are drawn in turns that end after 8 ms, so that no task gets long', async () => {
    const { page } = await visit(`${server.url}/turns`)
    await page.waitForFunction('window.drawings === 200')
    expect(await page.evaluate('Math.max(...window.turns)')).toBe(2)
  })

  test('works under a strict Content-Security-Policy and Trusted Types', async () => {
    const { page, errors } = await visit(`${server.url}/strict`)
    await page.waitForFunction(`${drawn} === 1`)
    expect(await page.locator('canvas').evaluate((canvas) => getComputedStyle(canvas).position)).toBe(
      'absolute',
    )
    expect(errors).toEqual([])
  })

  test('is drawn if it is removed and put back before drawing; nothing is drawn if the photograph has loaded', async () => {
    const { page } = await visit(`${server.url}/empty`)
    await page.evaluate(
      async (code) => {
        const turn = () => new Promise((done) => setTimeout(done, 50))
        const element = document.createElement('latent-image')
        element.setAttribute('code', code)
        document.body.append(element)
        element.remove()
        await turn()
        document.body.append(element)
      },
      (await codesOf(1))[0],
    )
    await page.waitForFunction(`${drawn} === 1`)
    await page.evaluate(
      async (code) => {
        const img = new Image(40, 30)
        img.src = '/cat.jpg'
        await img.decode()
        document.body.innerHTML = `<latent-image code="${code}"></latent-image><latent-image code="${code}"></latent-image>`
        document.querySelector('latent-image')!.append(img)
      },
      (await codesOf(1))[0],
    )
    await page.waitForFunction(`${drawn} === 1`)
    expect(await page.evaluate('window.drawings')).toBe(2)
    expect(await page.locator('latent-image').first().getAttribute('state')).toBe('loaded')
  })

  test('another code and photograph, as a framework sets them, start again with the preview', async () => {
    const { page } = await visit(`${server.url}/attributes`)
    await page.waitForSelector('latent-image[state=loaded]')
    const picture = () => page.locator('canvas').evaluate((each) => (each as HTMLCanvasElement).toDataURL())
    const before = await picture()
    await page.evaluate(
      (code) => {
        const element = document.querySelector('latent-image')!
        element.setAttribute('code', code)
        element.querySelector('img')!.src = '/slow/cat.jpg?another'
      },
      (await codesOf(5))[4],
    )
    await page.waitForFunction((old) => {
      const canvas = document.querySelector('latent-image')!.shadowRoot!.querySelector('canvas')!
      return canvas.toDataURL() !== old
    }, before)
    expect(await page.locator('latent-image').getAttribute('state')).toBe('preview')
    await page.waitForSelector('latent-image[state=loaded][fade]')
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

  test('nothing fades for visitors who prefer reduced motion', async () => {
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

  test('an invalid code shows no preview, and the photograph as usual', async () => {
    const { page, errors } = await visit(`${server.url}/no-code`)
    await page.waitForSelector('latent-image[state=preview][invalid]')
    await page.waitForSelector('latent-image[state=loaded][invalid]')
    expect(errors).toEqual([])
  })

  test('scales with the photograph on a narrow screen', async () => {
    const { page } = await visit(`${server.url}/one`, { viewport: { width: 200, height: 400 } })
    await page.waitForFunction(`${drawn} === 1`)
    const { width, height } = (await page.locator('latent-image').boundingBox())!
    expect([width, Math.round(height)]).toEqual([200, 133])
  })
})
