import fc from 'fast-check'
import { Hono } from 'hono'
import { beforeAll, describe, expect, test } from 'vitest'
import { addPreviews, previewHandler, previewStream, previews } from '../../package/html/html.ts'
import { ImageTags } from '../../package/html/image-tags.ts'
import { PagePreviews } from '../../package/html/previews.ts'
import { codesOf } from './codes.ts'

let code: string
beforeAll(async () => {
  code = (await codesOf(1))[0]
})

const image = (attributes: string) => `<img ${attributes}>`
const DATA_URL = /style="background:url\(data:image\/webp;base64,[\w+/=]{50,300}\) center\/cover no-repeat/

async function streamed(html: string, chunkBytes: number): Promise<string> {
  const bytes = new TextEncoder().encode(html)
  const chunks = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        controller.enqueue(bytes.slice(at, at + chunkBytes))
      controller.close()
    },
  })
  return new Response(chunks.pipeThrough(previewStream())).text()
}

describe('latent64/html', () => {
  test('puts a data URL behind an image, whatever its quotes, and keeps its style', () => {
    for (const attribute of [`data-latent64="${code}"`, `data-latent64='${code}'`, `DATA-LATENT64=${code}`]) {
      const html = addPreviews(image(`src="a.jpg" ${attribute} alt="x > y" width=3 height=2`))
      expect(html).toMatch(DATA_URL)
      expect(html).toContain('src="a.jpg"')
      expect(html.toLowerCase()).not.toContain('data-latent64')
    }
    expect(addPreviews(image(`style="color:red" data-latent64="${code}"`))).toContain(
      'style="color:red;background:',
    )
  })

  test('reserves the space of an image that gives no size', () => {
    expect(addPreviews(image(`data-latent64="${code}"`))).toContain(';aspect-ratio:1.5')
    expect(addPreviews(image(`data-latent64="${code}" width="3" height="2"`))).not.toContain('aspect-ratio')
  })

  test('touches nothing in comments, scripts, styles and text areas, nor images without a code', () => {
    const inside = image(`data-latent64="${code}"`)
    for (const html of [
      `<!-- ${inside} -->`,
      `<script>const html = '${inside}'</script>`,
      `<textarea>${inside}</textarea>`,
      '<img src="plain.jpg">1 < 2 <a href="x">',
    ])
      expect(addPreviews(html)).toBe(html)
  })

  test('an invalid code is dropped, and the image stays', () => {
    expect(addPreviews(image('src="a.jpg" data-latent64="no-code"'))).toBe('<img src="a.jpg">')
  })

  test('a page of 200 images keeps within its budget: pictures, then gradients, then colours', () => {
    const html = addPreviews(image(`data-latent64="${code}" width="3" height="2"`).repeat(200), {
      pageBytes: 1100,
    })
    const styles = [...html.matchAll(/background:([^;"]*(?:;base64[^"]*)?)/g)].map(([, value]) => value!)
    expect(styles).toHaveLength(200)
    expect(styles[0]).toContain('url(data:')
    expect(styles.some((each) => each.startsWith('radial-gradient'))).toBe(true)
    expect(styles.at(-1)).toMatch(/^#[0-9a-f]{6}$/)
    expect(styles.filter((each) => !each.startsWith('#')).join('').length).toBeLessThanOrEqual(1100)
  })

  test('a stream cut anywhere gives the same result as the whole text', async () => {
    const parts = fc.constantFrom(
      ...[
        image(`data-latent64="${code}" alt="ä > b"`),
        '<!-- <img> -->',
        '<script>"<img"</script>',
        '<p title="<">',
        '<',
        '</',
      ],
      ...['text', '<img src=x>', '<title><img></title>', '<style>i{}</style>', "<img alt='\"'>"],
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(parts, { maxLength: 8 }),
        fc.integer({ min: 1, max: 60 }),
        async (pieces, chunk) => {
          const html = pieces.join('')
          expect(await streamed(html, chunk)).toBe(addPreviews(html))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a page that never closes its tags passes through in time that grows with its length', async () => {
    const html = `<img alt="${'<img "'.repeat(200_000)}`
    const startedMs = performance.now()
    expect(await streamed(html, 4096)).toBe(html)
    expect(performance.now() - startedMs).toBeLessThan(20_000)
  })

  test('as Hono middleware it rewrites HTML and nothing else', async () => {
    const app = new Hono()
      .use(previews())
      .get('/', (c) => c.html(image(`data-latent64="${code}"`)))
      .get('/json', (c) => c.json({ html: image(`data-latent64="${code}"`) }))
    const page = await app.request('/')
    expect(await page.text()).toMatch(DATA_URL)
    expect(await (await app.request('/json')).text()).toContain('data-latent64')
  })

  test('as an HTMLRewriter handler it sets the style', () => {
    const attributes = new Map([['data-latent64', code]])
    previewHandler().element({
      getAttribute: (name) => attributes.get(name) ?? null,
      setAttribute: (name, value) => attributes.set(name, value),
      removeAttribute: (name) => attributes.delete(name),
    })
    expect([...attributes.keys()]).toEqual(['style'])
  })
})

test('what a page costs grows with its length: comments pass at once, and no style is searched twice', () => {
  const tags = new ImageTags(new PagePreviews())
  const comment = [`<!--${'x'.repeat(100)}`, '<img data-latent64="AAAA">-->', '<p>']
  const passed = comment.map((piece) => tags.push(piece))
  expect(passed[0].length).toBeGreaterThan(100)
  expect(passed.join('') + tags.finish()).toBe(comment.join(''))
  const spaces = ' '.repeat(200_000) // took 40 s
  expect(addPreviews(`<img data-latent64="${code}" style="a:b${spaces}c:d">`)).toContain(
    `${spaces}c:d;background:`,
  )
})
