import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInChromium, openPage, settled } from './open-page.ts'

/** The lowest contrast of any text against what is behind it (WCAG 2.2, relative luminance), and where it is. */
const lowestContrast = (page: Page) =>
  page.evaluate(() => {
    const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!
    const rgba = (color: string) => {
      pixel.clearRect(0, 0, 1, 1)
      pixel.fillStyle = color
      pixel.fillRect(0, 0, 1, 1)
      return [...pixel.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (color: string) => {
      const [r, g, b] = rgba(color).map((v) =>
        v / 255 <= 0.04045 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
    }
    const background = (element: Element): string => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor
        if (rgba(color)[3] === 255) return color
      }
      return getComputedStyle(document.documentElement).backgroundColor
    }
    let lowest = { ratio: 21, text: '' }
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent!.trim())
      const visible = (element as HTMLElement).checkVisibility({ visibilityProperty: true })
      if (text.length === 0 || !visible || element.closest('.visually-hidden, noscript')) continue
      const pair = [luminance(getComputedStyle(element).color), luminance(background(element))]
      const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
      if (ratio < lowest.ratio) lowest = { ratio, text: text[0].textContent!.trim() }
    }
    return lowest
  })

const brightness = (page: Page) =>
  page.evaluate(() => {
    const pixel = new OffscreenCanvas(1, 1).getContext('2d')!
    pixel.fillStyle = getComputedStyle(document.documentElement).backgroundColor
    pixel.fillRect(0, 0, 1, 1)
    return pixel.getImageData(0, 0, 1, 1).data[1] / 255
  })

const widths = (page: Page) =>
  page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: innerWidth }))

describeInChromium('how the page looks', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${colorScheme} follows the system, and every text has a contrast of 4.5 or more`, async () => {
      const { page } = await openPage({ colorScheme })
      expect((await brightness(page)) > 0.5).toBe(colorScheme === 'light')
      expect((await lowestContrast(page)).ratio, JSON.stringify(await lowestContrast(page))).toBeGreaterThan(
        4.5,
      )
    })

  test('the theme button cycles through auto, light and dark, and the choice survives a reload', async () => {
    const { page } = await openPage({ colorScheme: 'light' })
    const light = await brightness(page)
    await page.click('#theme')
    expect(await brightness(page)).toBe(light)
    await page.click('#theme')
    expect(await brightness(page)).toBeLessThan(0.2)
    await page.reload()
    await settled(page)
    expect(await brightness(page)).toBeLessThan(0.2)
    expect(await page.textContent('#theme-name')).toBe('Dark')
  })

  for (const width of [320, 390, 768])
    test(`a screen of ${width} pixels does not scroll sideways, drawing pad and curl opened`, async () => {
      const { page } = await openPage({ viewport: { width, height: 740 }, hasTouch: true, isMobile: true })
      await page.click('#draw')
      await page.click('.curl summary')
      const { content, screen } = await widths(page)
      expect(content).toBeLessThanOrEqual(screen)
      expect(screen).toBe(width)
    })

  test('on a phone every control is at least 24 pixels high and wide', async () => {
    const { page } = await openPage({ viewport: { width: 390, height: 740 }, hasTouch: true, isMobile: true })
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, a.button, summary, textarea')]
        .filter(
          (each) => each.checkVisibility({ visibilityProperty: true }) && !each.matches('.visually-hidden'),
        )
        .map((each) => ({ id: each.id || each.outerHTML.slice(0, 80), box: each.getBoundingClientRect() }))
        .filter(({ box }) => box.width < 24 || box.height < 24)
        .map(({ id }) => id),
    )
    expect(small).toEqual([])
  })

  test('nothing moves for visitors who prefer reduced motion', async () => {
    const { page } = await openPage({ reducedMotion: 'reduce' })
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((each) => {
          const { transitionDuration, animationName } = getComputedStyle(each)
          return transitionDuration !== '0s' || animationName !== 'none'
        }).length,
    )
    expect(moving).toBe(0)
  })
})
