import { expect, test } from 'vitest'
import { describeInChromium, nextCode, nextFrame, openPage, pixelsOf } from './open-page.ts'

describeInChromium('sliders and mixing', () => {
  test('the sliders show the reconstruction until one is moved; reset brings it back', async () => {
    const { page } = await openPage()
    await nextFrame(page)
    const coded = await pixelsOf(page, 'latent-picture')
    expect(coded).toBe(await pixelsOf(page, 'decoded'))
    const slider = page.locator('#sliders input').first()
    await slider.fill(String(-Number(await slider.inputValue()) + 20))
    await nextFrame(page)
    expect(await pixelsOf(page, 'latent-picture')).not.toBe(coded)
    await page.click('#latent-reset')
    await nextFrame(page)
    expect(await pixelsOf(page, 'latent-picture')).toBe(coded)
  })

  test('there is one slider for each latent number, and each redraws', async () => {
    const { page } = await openPage()
    const redrew = await page.evaluate(async () => {
      const sliders = [...document.querySelectorAll<HTMLInputElement>('#sliders input')]
      const canvas = document.querySelector<HTMLCanvasElement>('#latent-picture')!
      const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      const pictures = new Set<string>()
      for (const slider of sliders) {
        slider.value = Number(slider.value) > 0 ? '-80' : '80'
        slider.dispatchEvent(new Event('input', { bubbles: true }))
        await frame()
        pictures.add(canvas.toDataURL())
      }
      return { sliders: sliders.length, pictures: pictures.size }
    })
    expect(redrew).toEqual({ sliders: 96, pictures: 96 })
  })

  test('zero and random draw other pictures', async () => {
    const { page } = await openPage()
    const pictures = [await pixelsOf(page, 'latent-picture')]
    for (const id of ['latent-zero', 'latent-random', 'latent-random']) {
      await page.click(`#${id}`)
      await nextFrame(page)
      pictures.push(await pixelsOf(page, 'latent-picture'))
    }
    expect(new Set(pictures).size).toBe(4)
  })

  test('the mix begins at the first picture, ends at the other, and moves in between', async () => {
    const { page } = await openPage()
    const mixed = async (percent: string) => {
      await page.locator('#mix').fill(percent)
      return pixelsOf(page, 'between-picture')
    }
    expect(await mixed('0')).toBe(await pixelsOf(page, 'between-a'))
    expect(await mixed('100')).toBe(await pixelsOf(page, 'between-b'))
    const half = await mixed('50')
    expect(half).not.toBe(await pixelsOf(page, 'between-a'))
    expect(half).not.toBe(await pixelsOf(page, 'between-b'))
    await page.click('#others button:nth-of-type(4)')
    await page.waitForFunction(
      (old) => document.querySelector<HTMLCanvasElement>('#between-picture')!.toDataURL() !== old,
      half,
    )
  })

  test('two pictures of the visitor can be mixed: one kept as the other, then the next chosen', async () => {
    const { page } = await openPage()
    const first = await pixelsOf(page, 'between-a')
    await page.click('#keep')
    await page.waitForFunction(
      (kept) => document.querySelector<HTMLCanvasElement>('#between-b')!.toDataURL() === kept,
      first,
    )
    const code = await page.inputValue('#code')
    await page.click('#examples button:nth-of-type(3)')
    await nextCode(page, code)
    await page.waitForFunction(
      (kept) => document.querySelector<HTMLCanvasElement>('#between-a')!.toDataURL() !== kept,
      first,
    )
    expect(await pixelsOf(page, 'between-b')).toBe(first)
  })

  test('a drawn digit goes to the model of grey images', async () => {
    const { page } = await openPage()
    const before = await page.inputValue('#code')
    await page.click('#draw')
    const box = (await page.locator('#pad').boundingBox())!
    await page.mouse.move(box.x + 90, box.y + 70)
    await page.mouse.down()
    for (const [x, y] of [
      [190, 70],
      [120, 220],
    ])
      await page.mouse.move(box.x + x!, box.y + y!, { steps: 8 })
    await page.mouse.up()
    await nextCode(page, before)
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.startsWith('digit.png'))
    expect(await page.textContent('#decoded-note')).toContain('grey')
    expect(await page.textContent('#original-note')).toContain('28 × 28')
  })
})
