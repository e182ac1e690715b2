/** Opens the page in a new profile and records the browser's errors and requests. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest'
import { launchChromium } from '../../scripts/page/chromium.ts'

interface OpenPage {
  page: Page
  /** Console errors and warnings, uncaught errors, and failed requests. */
  complaints: string[]
  requests: string[]
}

let browser: Browser

/** A describe that needs the browser; skipped if there is none (setup.ts prints why). */
export function describeInChromium(name: string, body: () => void): void {
  describe.skipIf(!inject('chromium'))(name, () => {
    beforeAll(async () => {
      browser = await launchChromium(inject('chromium'))
    })
    afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))
    afterAll(() => browser.close())
    body()
  })
}

/** The page that shows how it works, with its first result. */
export async function openPage(options: PageOptions = {}): Promise<OpenPage> {
  const opened = await open({ url: `${inject('open')}/lab`, ...options })
  await settled(opened.page)
  return opened
}

/** The front page, or another that needs no waiting for. */
export async function openFront(options: PageOptions = {}): Promise<OpenPage> {
  const opened = await open({ url: inject('open'), ...options })
  if (options.url === undefined) await opened.page.waitForSelector('#frame[data-ready]')
  return opened
}

type PageOptions = BrowserContextOptions & { url?: string }

async function open({ url, ...options }: PageOptions): Promise<OpenPage> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(60_000) // a busy machine without a GPU takes its time
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`${request.url()} failed`)
  })
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url!)
  return { page, complaints, requests }
}

/** Until the result, the sliders and the mixing are there. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('#result[data-state=done]')
  await page.waitForSelector('#between:not([hidden])')
}

/** Until the page shows another code than `code`. */
export async function nextCode(page: Page, code: string): Promise<string> {
  await page.waitForFunction(
    (old) => document.querySelector<HTMLTextAreaElement>('#code')?.value !== old,
    code,
  )
  await page.waitForSelector('#result[data-state=done]')
  return page.inputValue('#code')
}

/** A canvas's pixels, as a text to compare. */
export const pixelsOf = (page: Page, id: string): Promise<string> =>
  page.locator(`#${id}`).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

/** After the frame that redraws. */
export const nextFrame = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  )

/** What a visitor may choose by mistake. */
export const notAnImage = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') }
