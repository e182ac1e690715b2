import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { describeInChromium, nextCode, openPage, pixelsOf, settled } from './open-page.ts'
import { chosenModel, examples, serverSays } from './server-says.ts'

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

  test('the slider’s left end is the smallest code there is', async () => {
    const { page } = await openPage()
    const usual = await page.inputValue('#code')
    await page.locator('#rate').evaluate((slider) => {
      ;(slider as HTMLInputElement).min = '1'
    })
    await page.locator('#rate').fill('1')
    const code = await nextCode(page, usual)
    const least = await page.textContent('#bytes')
    expect(await page.isHidden('#problem')).toBe(true)
    expect(await page.getAttribute('#rate', 'min')).toBe(least)
    expect(await page.textContent('#rate-label')).toContain(`${least} bytes`)
    const model = await chosenModel(page)
    expect(code).toBe((await serverSays('coffee.jpg', `model=${model}&maxBytes=${least}`)).code)
    await page.click('#rate-default')
    expect(await nextCode(page, code)).toBe(usual)
  })

  test('a digit drawn after a photograph is mixed with a digit', async () => {
    const { page } = await openPage()
    const code = await page.inputValue('#code')
    await page.click('#draw')
    const pad = (await page.locator('#pad').boundingBox())!
    const at = (x: number, y: number) => [pad.x + x * pad.width, pad.y + y * pad.height] as const
    await page.mouse.move(...at(0.3, 0.2))
    await page.mouse.down()
    await page.mouse.move(...at(0.7, 0.2))
    await page.mouse.move(...at(0.4, 0.8))
    await page.mouse.up()
    await nextCode(page, code)
    await settled(page)
    expect(await chosenModel(page)).toBe('mnist')
    expect(await page.locator('#others button[aria-pressed=true] img').getAttribute('alt')).toBe('Three')
    const drawn = await pixelsOf(page, 'between-b')
    const otherAlone = await openPage()
    await otherAlone.page.locator('#models label', { hasText: 'mnist' }).click()
    await otherAlone.page.waitForFunction(
      () => document.querySelector('#others img')?.getAttribute('alt') === 'Two',
    )
    await settled(otherAlone.page)
    await otherAlone.page.waitForFunction(
      (expected) => (document.querySelector('#between-b') as HTMLCanvasElement).toDataURL() === expected,
      drawn,
    )
  })

  test('the size shown is that of the visitor’s file, even if another file is sent: AVIF, and a JPEG above the limit', async () => {
    const { page } = await openPage()
    const cat = sharp(join(examples, 'cat.jpg'))
    const avif = await cat.clone().avif({ quality: 40 }).toBuffer()
    const large = await cat.clone().resize(6000, 3000, { fit: 'fill' }).jpeg({ quality: 50 }).toBuffer()
    for (const [name, mimeType, buffer] of [
      ['cat.avif', 'image/avif', avif],
      ['large.jpg', 'image/jpeg', large],
    ] as const) {
      const code = await page.inputValue('#code')
      await page.setInputFiles('#file', { name, mimeType, buffer })
      await nextCode(page, code)
      const kilobytes = (buffer.length / 1000).toFixed(buffer.length < 100_000 ? 1 : 0)
      expect(await page.textContent('#original-note')).toContain(`· ${kilobytes} kB`)
      const bytes = Number(await page.textContent('#bytes'))
      expect(await page.textContent('#ratio')).toBe(`${Math.round(buffer.length / bytes)} ×`)
    }
    expect(await page.textContent('#original-note')).toMatch(/^6000 × 3000 · .* sent as 1600 × 800$/)
  })

  test('a format that the service does not read is sent as a PNG: SVG', async () => {
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
