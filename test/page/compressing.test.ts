import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, inject, test } from 'vitest'
import type { CompressResponse } from '../../edge/schemas.ts'
import { describeInChromium, nextCode, openPage, pixelsOf, settled } from './open-page.ts'

const examples = join(import.meta.dirname, '..', '..', 'edge', 'page', 'examples')

async function serverSays(name: string, query: string): Promise<CompressResponse> {
  const body = await readFile(join(examples, name))
  const type = name.endsWith('.png') ? 'image/png' : 'image/jpeg'
  const headers = { 'content-type': type }
  return (await fetch(`${inject('open')}/compress?${query}`, { method: 'POST', headers, body })).json()
}

const chosenModel = (page: Page) => page.locator('#models input:checked').inputValue()

/** Gives the page a file by an event, as a paste or a drop does. */
async function giveFile(page: Page, kind: 'paste' | 'drop', name: string): Promise<void> {
  const bytes = [...(await readFile(join(examples, name)))]
  await page.evaluate(
    ({ kind, bytes }) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(bytes)], 'given.jpg', { type: 'image/jpeg' }))
      const event =
        kind === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true })
      document.body.dispatchEvent(event)
    },
    { kind, bytes },
  )
}

describeInChromium('compressing on the page', () => {
  test('a picked image is compressed by the server and shown with its bytes, dB and SSIM', async () => {
    const { page } = await openPage()
    const before = await page.inputValue('#code')
    await page.setInputFiles('#file', join(examples, 'astronaut.jpg'))
    const code = await nextCode(page, before)
    const answer = await serverSays('astronaut.jpg', `model=${await chosenModel(page)}`)
    expect(code).toBe(answer.code)
    expect(await page.textContent('#bytes')).toBe(String(answer.bytes.total))
    expect(await page.textContent('#psnr')).toBe(`${answer.error.psnrDb.toFixed(2)} dB`)
    expect(await page.textContent('#ssim')).toBe(answer.error.ssim.toFixed(3))
    expect(await page.textContent('#status')).toContain(`${answer.bytes.total} bytes`)
    expect(await page.textContent('#curl')).toContain("--data-binary '@astronaut.jpg'")
  })

  test('a pasted and a dropped image give the code that picking the same file gives', async () => {
    const { page } = await openPage()
    const query = `model=${await chosenModel(page)}`
    for (const [kind, name] of [
      ['paste', 'cat.jpg'],
      ['drop', 'rocket.jpg'],
    ] as const) {
      const before = await page.inputValue('#code')
      await giveFile(page, kind, name)
      expect(await nextCode(page, before)).toBe((await serverSays(name, query)).code)
    }
  })

  test('the rate slider bounds the bytes, and its reset brings the default code back', async () => {
    const { page } = await openPage()
    const usual = await page.inputValue('#code')
    const bound = Math.floor(Number(await page.textContent('#bytes')) * 0.8)
    await page.locator('#rate').fill(String(bound))
    const smaller = await nextCode(page, usual)
    const model = await chosenModel(page)
    expect(smaller).toBe((await serverSays('coffee.jpg', `model=${model}&maxBytes=${bound}`)).code)
    expect(Number(await page.textContent('#bytes'))).toBeLessThanOrEqual(bound)
    expect(await page.textContent('#curl')).toContain(`maxBytes=${bound}`)
    await page.click('#rate-default')
    expect(await nextCode(page, smaller)).toBe(usual)
  })

  test('BlurHash is given no more bytes than the code, and all five pictures are drawn', async () => {
    const { page } = await openPage()
    const hashBytes = Number.parseInt((await page.textContent('#blurhash-bytes'))!, 10)
    expect(hashBytes).toBeLessThanOrEqual(Number(await page.textContent('#bytes')))
    const ids = ['original', 'decoded', 'error', 'blurhash', 'thumbhash']
    const pictures = await Promise.all(ids.map((id) => pixelsOf(page, id)))
    expect(new Set(pictures).size).toBe(ids.length)
  })

  test('what is no image is refused in words, and the page goes on', async () => {
    const { page } = await openPage()
    await page.setInputFiles('#file', {
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('no image'),
    })
    await page.waitForSelector('#problem:not([hidden])')
    expect(await page.textContent('#problem')).toContain('notes.txt is not an image')
    await page.click('#examples button:nth-of-type(2)')
    await settled(page)
    expect(await page.isHidden('#problem')).toBe(true)
  })

  test('a rate that no level reaches is told with what could be had', async () => {
    const { page } = await openPage()
    await page.locator('#rate').evaluate((slider) => {
      ;(slider as HTMLInputElement).min = '1'
    })
    await page.locator('#rate').fill('1')
    await page.waitForSelector('#problem:not([hidden])')
    expect(await page.textContent('#problem')).toMatch(/smallest takes \d+/)
  })

  test('where the server asks for a key, the page compresses by itself to the same code, and takes a key', async () => {
    const { page } = await openPage({ url: inject('closed') })
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

  test('where the server does not answer, the page compresses by itself and says so', async () => {
    const { page } = await openPage()
    const code = await page.inputValue('#code')
    await page.route('**/compress?*', (route) => route.abort())
    await page.click('#examples button:nth-of-type(3)')
    await nextCode(page, code)
    expect(await page.textContent('#where')).toContain('in your browser')
    expect(Number(await page.textContent('#bytes'))).toBeGreaterThan(4)
  })

  test('a format that the service does not take is sent as a PNG: SVG', async () => {
    const { page } = await openPage()
    const code = await page.inputValue('#code')
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle cx="45" cy="30" r="25"/></svg>'
    await page.setInputFiles('#file', {
      name: 'dot.svg',
      mimeType: 'image/svg+xml',
      buffer: Buffer.from(svg),
    })
    await nextCode(page, code)
    expect(await page.textContent('#original-note')).toContain('90 × 60')
    expect(await page.textContent('#curl')).toContain("-H 'Content-Type: image/png'")
  })

  test('a photograph above the limit of 16 megapixels is made smaller here, and compressed', async () => {
    const { page } = await openPage()
    const code = await page.inputValue('#code')
    const large = await sharp({ create: { width: 6000, height: 3000, channels: 3, background: '#369' } })
      .png()
      .toBuffer()
    await page.setInputFiles('#file', { name: 'large.png', mimeType: 'image/png', buffer: large })
    await nextCode(page, code)
    expect(await page.textContent('#original-note')).toContain('1600 × 800')
    expect(await page.isHidden('#where')).toBe(true)
  })
})
