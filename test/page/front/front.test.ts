import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, inject, test } from 'vitest'
import { describeInChromium, notAnImage, openFront } from '../open-page.ts'
import { chosen, examples, pixels, shownCode, violations } from './front-page.ts'

describeInChromium('the front page', () => {
  test('its first screen is under 150 kB in all, and nothing more comes before a click', async () => {
    const { page, requests, complaints } = await openFront()
    await page.waitForSelector('#frame.loaded')
    await page.waitForTimeout(1000)
    const bytes = await page.evaluate(() =>
      performance
        .getEntries()
        .reduce((sum, each) => sum + ((each as PerformanceResourceTiming).decodedBodySize ?? 0), 0),
    )
    console.log(`the front page: ${requests.length} requests, ${bytes} bytes before compression`)
    expect(bytes).toBeLessThan(150_000)
    expect(requests.every((url) => url.startsWith(inject('open')))).toBe(true)
    expect(complaints).toEqual([])
  })

  test('its HTML names every script and the first photograph, so that none waits for another', async () => {
    const { page, requests } = await openFront()
    await page.waitForSelector('#frame.loaded')
    const named = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLLinkElement>('link[rel$=preload]')].map(({ href }) => href),
    )
    const fetched = requests.filter((url) => /\.(js|webp)$/.test(url))
    expect(fetched.length).toBeGreaterThan(3)
    expect([...named].sort()).toEqual([...new Set(fetched)].sort())
  })

  test('the preview is drawn from the code before the photograph has come', async () => {
    const { page } = await openFront()
    expect(await page.locator('#frame').getAttribute('class')).not.toContain('loaded')
    expect(await pixels(page, '#preview')).not.toBe(
      await page.evaluate(() => document.createElement('canvas').toDataURL()),
    )
    await page.waitForSelector('#frame.loaded')
  })

  test('a chosen photograph gets the code that the service gives it, and the lines below name it', async () => {
    const { page } = await openFront()
    const code = await chosen(page, join(examples, 'cat.jpg'))
    const body = await readFile(join(examples, 'cat.jpg'))
    const answer = await fetch(`${inject('open')}/compress`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body,
    })
    const said = (await answer.json()) as { code: string; bytes: { total: number } }
    expect(code).toBe(said.code)
    expect(await page.textContent('#bytes')).toBe(`${said.bytes.total} bytes`)
    expect(await page.textContent('#snippet-code')).toContain(code)
    await page.click('#tab-curl')
    expect(await page.textContent('#snippet-code')).toContain("'@cat.jpg'")
    expect(await page.textContent('#snippet-code')).toContain(inject('open'))
  })

  test('anything but an image is refused with a message, the previous picture stays, and the next file clears the message', async () => {
    const { page } = await openFront()
    const before = await shownCode(page)
    await page.setInputFiles('#file', notAnImage)
    await page.waitForSelector('#problem:not([hidden])')
    expect(await page.textContent('#problem')).toContain('notes.txt')
    expect(await shownCode(page)).toBe(before)
    await chosen(page, join(examples, 'cat.jpg'))
    expect(await page.locator('#problem').isHidden()).toBe(true)
  })

  test('a file that only the browser can read is drawn by the page, and compressed', async () => {
    const { page } = await openFront()
    const avif = await sharp(join(examples, 'coffee.jpg')).avif().toBuffer()
    const code = await chosen(page, { name: 'coffee.avif', mimeType: 'image/avif', buffer: avif })
    expect(code).toMatch(/^[\w-]{16,60}$/)
    const cmyk = await sharp(join(examples, 'rocket.jpg')).toColourspace('cmyk').jpeg().toBuffer()
    expect(await chosen(page, { name: 'rocket.jpg', mimeType: 'image/jpeg', buffer: cmyk })).toMatch(
      /^[\w-]{16,60}$/,
    )
  })

  test('the gallery shows all twenty by each kind of placeholder', async () => {
    const { page, complaints } = await openFront()
    expect(await page.locator('#tiles canvas').count()).toBe(20)
    const seen = new Set([await pixels(page, '#tiles canvas')])
    for (const kind of ['chromahash', 'thumbhash', 'blurhash', 'webp', 'photograph']) {
      const before = await pixels(page, '#tiles canvas')
      await page.check(`#kinds input[value=${kind}]`)
      await page.waitForFunction(
        (old) => document.querySelector<HTMLCanvasElement>('#tiles canvas')!.toDataURL() !== old,
        before,
      )
      seen.add(await pixels(page, '#tiles canvas'))
    }
    expect(seen.size).toBe(6)
    expect(complaints).toEqual([])
  })

  test('a tile opens two pictures over each other, with a line that moves and with zoom', async () => {
    const { page } = await openFront()
    await page.click('#tiles button >> nth=3')
    await page.waitForSelector('#viewer[open]')
    expect(await pixels(page, '#left')).not.toBe(await pixels(page, '#right'))
    const clip = () => page.locator('#right').evaluate((canvas) => getComputedStyle(canvas).clipPath)
    const before = await clip()
    await page.locator('#split').fill('20')
    expect(await clip()).not.toBe(before)
    await page.locator('#zoom').fill('4')
    expect(await page.locator('#left').evaluate((canvas) => getComputedStyle(canvas).transform)).toContain(
      '4',
    )
    const old = await pixels(page, '#right')
    await page.selectOption('#right-kind', 'thumbhash')
    await page.waitForFunction(
      (was) => document.querySelector<HTMLCanvasElement>('#right')!.toDataURL() !== was,
      old,
    )
    await page.keyboard.press('Escape')
    expect(await page.locator('#viewer').isVisible()).toBe(false)
  })

  test('a chosen photograph is compared with its other placeholders, whose encoders load only then', async () => {
    const { page, requests, complaints } = await openFront()
    await chosen(page, join(examples, 'coffee.jpg'))
    expect(requests.filter((url) => /viewer|chromahash/.test(url))).toEqual([])
    await page.click('#compare')
    await page.waitForSelector('#viewer[open]')
    const seen = new Set([await pixels(page, '#left')])
    for (const kind of ['chromahash', 'thumbhash', 'blurhash', 'webp', 'photograph']) {
      const before = await pixels(page, '#left')
      await page.selectOption('#left-kind', kind)
      await page.waitForFunction(
        (old) => document.querySelector<HTMLCanvasElement>('#left')!.toDataURL() !== old,
        before,
      )
      seen.add(await pixels(page, '#left'))
    }
    expect(seen.size).toBe(6)
    expect(complaints).toEqual([])
  })

  test('the tabs are reached by the arrow keys, and each has its lines', async () => {
    const { page } = await openFront()
    await page.focus('#tab-html')
    const lines = new Set<string | null>()
    for (let i = 0; i < 5; i++) {
      lines.add(await page.textContent('#snippet-code'))
      await page.keyboard.press('ArrowRight')
    }
    expect(lines.size).toBe(5)
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('tab-html')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing in ${colorScheme}, the viewer open or not`, async () => {
      const { page } = await openFront({ colorScheme })
      await page.waitForSelector('#frame.loaded')
      expect(await violations(page)).toEqual([])
      await page.click('#compare')
      await page.waitForSelector('#viewer[open]')
      expect(await violations(page)).toEqual([])
    })

  for (const width of [320, 390, 768, 1440])
    test(`a screen of ${width} pixels does not scroll sideways`, async () => {
      const { page } = await openFront({ viewport: { width, height: 740 } })
      const scrolls = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(scrolls).toBeLessThanOrEqual(0)
    })

  test('nothing moves for visitors who prefer reduced motion', async () => {
    const { page } = await openFront({ reducedMotion: 'reduce' })
    await page.waitForSelector('#frame.loaded')
    expect(
      await page.locator('#photograph').evaluate((img) => getComputedStyle(img).transitionDuration),
    ).toBe('0s')
  })
})

describeInChromium('the documentation and the second page', () => {
  for (const path of ['/docs', '/lab'])
    test(`axe finds nothing on ${path}`, async () => {
      const { page } = await openFront({ url: inject('open') + path })
      await page.waitForTimeout(2000)
      expect(await violations(page)).toEqual([])
    })
})
