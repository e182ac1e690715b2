import sharp from 'sharp'
import { expect, inject, test } from 'vitest'
import { describeInChromium, nextCode, openPage, settled } from './open-page.ts'

describeInChromium('what the page loads and runs', () => {
  test('a whole visit leaves no errors in the console and contacts no other origin', async () => {
    const { page, complaints, requests } = await openPage()
    const code = await page.inputValue('#code')
    for (const model of await page.locator('#models label').all()) {
      await model.click()
      await settled(page)
    }
    await page.click('#models label:first-of-type')
    await nextCode(page, code)
    await page.click('#latent-random')
    await page.locator('#mix').fill('80')
    await page.click('#theme')
    expect(complaints).toEqual([])
    const origins = new Set(
      requests.filter((url) => !url.startsWith('blob:')).map((url) => new URL(url).origin),
    )
    expect([...origins]).toEqual([inject('open')])
  })

  test('the content security policy holds: no inline script, no inline handler, no other origin', async () => {
    const { page } = await openPage()
    const outcome = await page.evaluate(async () => {
      const blocked: string[] = []
      addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective))
      const script = document.createElement('script')
      script.textContent = 'window.inlineRan = true'
      document.body.append(script)
      const image = document.createElement('div')
      image.innerHTML = '<button onclick="window.handlerRan = true"></button>'
      document.body.append(image)
      image.querySelector('button')!.click()
      const foreign = document.createElement('script')
      foreign.src = 'data:text/javascript,window.foreignRan = true'
      document.body.append(foreign)
      const fetched = await fetch('https://example.com/').then(
        () => true,
        () => false,
      )
      await new Promise((done) => setTimeout(done, 50))
      const ran = ['inlineRan', 'handlerRan', 'foreignRan'].filter((name) => name in window)
      return { ran, fetched, blocked: [...new Set(blocked)].sort() }
    })
    expect(outcome.ran).toEqual([])
    expect(outcome.fetched).toBe(false)
    expect(outcome.blocked).toEqual(['connect-src', 'script-src-attr', 'script-src-elem'])
  })

  test('every link leads somewhere, and the code opens as a PNG at least as wide as the original', async () => {
    const { page } = await openPage()
    const links = await page
      .locator('a[href^="/"]')
      .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))
    for (const link of links) expect((await fetch(link)).status, link).toBe(200)
    const preview = await fetch(new URL((await page.getAttribute('#preview', 'href'))!, inject('open')))
    const { format, width, height } = await sharp(await preview.arrayBuffer()).metadata()
    expect({ format, width, height }).toEqual({ format: 'png', width: 512, height: 341 })
  })

  test('no page may frame it, and its policy is also in its headers', async () => {
    const answer = await fetch(inject('open'))
    const policy = answer.headers.get('content-security-policy')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
  })

  test('scripts and styles before the first picture are under 50 kB gzipped', async () => {
    const { page } = await openPage()
    const urls = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .filter((name) => /\.(js|css)$/.test(name)),
    )
    const bodies = await Promise.all(urls.map(async (url) => (await fetch(url)).arrayBuffer()))
    const { gzipSync } = await import('node:zlib')
    const bytes = bodies.reduce((sum, body) => sum + gzipSync(Buffer.from(body)).length, 0)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThan(50_000)
  })
})
