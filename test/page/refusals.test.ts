import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { describeInChromium, nextCode, notAnImage, openPage, settled } from './open-page.ts'
import { examples, serverSays } from './server-says.ts'

const isBlank = (page: Page, id: string): Promise<boolean> =>
  page.locator(`#${id}`).evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement
    const context = (element as HTMLCanvasElement).getContext('2d')!
    return context.getImageData(0, 0, width, height).data.every((value) => value === 0)
  })

describeInChromium('what the page does if the service refuses', () => {
  test('anything but an image is refused with a message, and the page still works', async () => {
    const { page } = await openPage()
    await page.setInputFiles('#file', notAnImage)
    await page.waitForSelector('#problem:not([hidden])')
    expect(await page.textContent('#problem')).toContain('notes.txt is not an image')
    await page.click('#examples button:nth-of-type(2)')
    await page.waitForSelector('#problem', { state: 'hidden' }) // the picture before it was settled, too
    await settled(page)
    expect(await page.isHidden('#problem')).toBe(true)
  })

  test('after an error nothing of the previous picture is left beside the new one', async () => {
    const { page } = await openPage()
    const problem = JSON.stringify({ status: 415, detail: 'CMYK is not read' })
    const refusal = { status: 415, contentType: 'application/problem+json', body: problem }
    await page.route('**/compress?*', (route) => route.fulfill(refusal))
    await page.setInputFiles('#file', join(examples, 'rocket.jpg'))
    await page.waitForSelector('#problem:not([hidden])')
    const { length } = await readFile(join(examples, 'rocket.jpg'))
    expect(await page.textContent('#original-note')).toContain(`${(length / 1000).toFixed(1)} kB`)
    expect(await page.inputValue('#code')).toBe('')
    expect(await page.isDisabled('#copy')).toBe(true)
    expect(await page.getAttribute('#preview', 'href')).toBeNull()
    for (const id of ['bytes', 'psnr', 'ssim', 'bpp', 'ratio'])
      expect(await page.textContent(`#${id}`)).toBe('–')
    for (const id of ['latent', 'between']) expect(await page.isHidden(`#${id}`)).toBe(true)
    for (const id of ['decoded', 'error', 'blurhash', 'thumbhash'])
      expect([id, await isBlank(page, id)]).toEqual([id, true])
    await page.unroute('**/compress?*')
    await page.click('#examples button:nth-of-type(2)')
    await settled(page)
    expect(await page.isEnabled('#copy')).toBe(true)
    expect(await isBlank(page, 'decoded')).toBe(false)
  })

  test('if the server requires a key, the page compresses by itself to the same code, and accepts a key', async () => {
    const { page } = await openPage({ url: `${inject('closed')}/lab` })
    await page.waitForSelector('#key-panel:not([hidden])')
    let code = await page.inputValue('#code')
    const grey = page.locator('#models label', { hasText: 'mnist' })
    await grey.click() // its examples are PNGs: the same samples in every decoder
    code = await nextCode(page, code)
    expect(await page.textContent('#where')).toContain('answered 401')
    expect(code).toBe((await serverSays('digit-2.png', 'model=mnist')).code)
    await page.fill('#key', inject('apiKey'))
    await page.press('#key', 'Enter')
    await page.waitForSelector('#key-panel[hidden]', { state: 'attached' })
    await settled(page)
    expect(await page.isHidden('#where')).toBe(true)
    expect(await page.inputValue('#code')).toBe(code)
  })

  test('if the server does not respond, the page compresses by itself and says so', async () => {
    const { page } = await openPage()
    const code = await page.inputValue('#code')
    await page.route('**/compress?*', (route) => route.abort())
    await page.click('#examples button:nth-of-type(3)')
    await nextCode(page, code)
    expect(await page.textContent('#where')).toContain('in your browser')
    expect(Number(await page.textContent('#bytes'))).toBeGreaterThan(4)
  })
})
