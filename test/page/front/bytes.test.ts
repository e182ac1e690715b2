import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInChromium, openFront } from '../open-page.ts'
import { chosen, examples, pixels, violations } from './front-page.ts'

describeInChromium('the slider from 16 bytes to 20 kB', () => {
  const STOPS = { '16': 0, '1,024': 16, '4,096': 20, '20,000': 25 }
  const slideTo = async (page: Page, bytes: keyof typeof STOPS) => {
    await page.locator('#budget').fill(String(STOPS[bytes]))
    await page.waitForFunction(
      (words) => document.querySelector('#budget-bytes')!.textContent === `${words} bytes`,
      bytes,
    )
  }
  const canvasWidth = (page: Page) =>
    page.locator('#by-latent64').evaluate((canvas) => (canvas as HTMLCanvasElement).width)

  test('draws the beginning of one code, beside files of as many bytes', async () => {
    const { page, requests, complaints } = await openFront()
    await slideTo(page, '4,096')
    await page.waitForFunction(
      () => (document.querySelector('#by-latent64') as HTMLCanvasElement).width === 768,
    )
    await page.waitForFunction(() => /bytes/.test(document.querySelector('#avif-note')!.textContent!))
    for (const rival of ['webp', 'avif']) {
      const bytes = Number((await page.textContent(`#${rival}-note`))!.replace(/\D/g, ''))
      expect(bytes).toBeGreaterThan(3000)
      expect(bytes).toBeLessThanOrEqual(4096)
    }
    const coarse = await pixels(page, '#by-latent64')
    const before = requests.length
    await slideTo(page, '20,000')
    await page.waitForFunction(
      (old) => (document.querySelector('#by-latent64') as HTMLCanvasElement).toDataURL() !== old,
      coarse,
    )
    expect(requests.slice(before).filter((url) => url.includes('latent64')).length).toBe(0)
    expect(complaints).toEqual([])
    expect(await violations(page)).toEqual([])
  })

  test('below 56 bytes it shows a preview, and says that no WebP is that small', async () => {
    const { page } = await openFront()
    await slideTo(page, '16')
    await page.waitForTimeout(300)
    expect(await canvasWidth(page)).toBe(96)
    expect(await page.textContent('#webp-note')).toBe('has no file so small')
  })

  test("shows a visitor's own photograph by the server's codes, and starts again at its preview", async () => {
    const { page } = await openFront()
    await slideTo(page, '4,096')
    await chosen(page, join(examples, 'cat.jpg'))
    expect(await page.textContent('#budget-bytes')).toBe('32 bytes')
    await slideTo(page, '1,024')
    await page.waitForFunction(
      () => (document.querySelector('#by-latent64') as HTMLCanvasElement).width === 400,
    )
    await page.waitForFunction(() => /bytes/.test(document.querySelector('#webp-note')!.textContent!))
    expect(await page.textContent('#avif-note')).toBe('is not written by browsers')
  })
})
