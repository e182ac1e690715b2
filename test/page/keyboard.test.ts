import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInChromium, nextCode, nextFrame, openPage, pixelsOf } from './open-page.ts'

const focused = (page: Page, selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)

/** Presses Tab until the selector has the focus; fails if it can't be reached. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await focused(page, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${selector}`)
}

describeInChromium('the page by keyboard alone', () => {
  test('examples, models, rate, look, sliders and mixing can be used by keyboard, in that order', async () => {
    const { page } = await openPage()
    let code = await page.inputValue('#code')
    await tabTo(page, '#file')
    await tabTo(page, '#examples button:nth-of-type(3)') // the second is what the first is mixed with
    await page.keyboard.press('Enter')
    code = await nextCode(page, code)
    await tabTo(page, '#models input')
    const model = await page.locator('#models input:checked').inputValue()
    await page.keyboard.press('ArrowLeft')
    code = await nextCode(page, code)
    expect(await page.locator('#models input:checked').inputValue()).not.toBe(model)
    await tabTo(page, '#rate')
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft')
    await nextCode(page, code)
    await tabTo(page, '#look input')
    const decoded = await pixelsOf(page, 'decoded')
    await page.keyboard.press('ArrowRight')
    expect(await pixelsOf(page, 'decoded')).not.toBe(decoded)
    await tabTo(page, '#mix')
    const mix = await pixelsOf(page, 'between-picture')
    await page.keyboard.press('End')
    await nextFrame(page)
    expect(await pixelsOf(page, 'between-picture')).not.toBe(mix)
  })

  test('the 64 sliders are one tab stop: left and right walk, up and down change the picture', async () => {
    const { page } = await openPage()
    await tabTo(page, '#sliders input')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await page.textContent('#latent-name')).toBe('Number 3')
    await nextFrame(page)
    const before = await pixelsOf(page, 'latent-picture')
    const value = await page.textContent('#latent-value')
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowUp')
    await nextFrame(page)
    expect(await page.textContent('#latent-value')).not.toBe(value)
    expect(await pixelsOf(page, 'latent-picture')).not.toBe(before)
    await page.keyboard.press('Tab')
    expect(await focused(page, '#sliders input')).toBe(false)
  })

  test('a digit can be drawn with the arrow keys', async () => {
    const { page } = await openPage()
    const before = await page.inputValue('#code')
    await tabTo(page, '#draw')
    await page.keyboard.press('Enter')
    expect(await focused(page, '#pad')).toBe(true)
    await page.keyboard.press(' ')
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press(' ')
    await nextCode(page, before)
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.startsWith('digit.png'))
  })

  test('every tab stop shows its focus and has a name', async () => {
    const { page } = await openPage()
    const stops = new Set<string>()
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const at = document.activeElement as HTMLElement
        const ringed = [at, at.nextElementSibling].filter((each) => each !== null)
        const labels = (at as HTMLInputElement).labels
        return {
          id: at.id || at.outerHTML.slice(0, 60),
          ring: ringed.some((each) => Number.parseFloat(getComputedStyle(each).outlineWidth) >= 2),
          name:
            at.getAttribute('aria-label') ??
            labels?.[0]?.textContent ??
            (at.textContent || at.querySelector('img')?.alt),
        }
      })
      if (stop.id.startsWith('<body')) break
      stops.add(stop.id)
      expect(stop, stop.id).toMatchObject({ ring: true, name: expect.stringMatching(/\S/) })
    }
    expect(stops.size).toBeGreaterThan(15)
  })
})
