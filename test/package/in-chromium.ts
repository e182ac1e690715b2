import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { findChromium, launchChromium } from '../../scripts/page/chromium.ts'

let browser: Browser

/** Skipped if there is no Chromium; in CI its absence is a failure. */
export function describeInChromium(name: string, body: () => void): void {
  const chromium = findChromium()
  if (!chromium && process.env.CI) throw new Error('there is no Chromium here')
  if (!chromium) console.log(`${name}: skipped, no Chromium here`)
  describe.skipIf(!chromium)(name, () => {
    beforeAll(async () => {
      browser = await launchChromium(chromium!)
    })
    afterAll(() => browser.close())
    body()
  })
}

interface Visit {
  page: Page
  /** Errors of the console and of scripts. */
  errors: string[]
}

export async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url, { waitUntil: 'domcontentloaded' })
  return { page, errors }
}
