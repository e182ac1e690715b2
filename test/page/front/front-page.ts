/** What the tests of the front page ask of it. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

export const examples = join(import.meta.dirname, '..', '..', '..', 'edge', 'page', 'examples')
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export const pixels = (page: Page, selector: string): Promise<string> =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())

export const shownCode = (page: Page) => page.textContent('#code')

export async function chosen(
  page: Page,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<string> {
  const before = await shownCode(page)
  await page.setInputFiles('#file', file)
  await page.waitForFunction((old) => document.querySelector('#code')!.textContent !== old, before)
  return (await shownCode(page))!
}

/** What axe finds, as rule: first element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, 'utf8'))
  return page.evaluate(async () => {
    const { violations } = await (
      window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
    ).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
  })
}
