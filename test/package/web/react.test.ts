import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeAll, expect, test } from 'vitest'
import { LatentImage } from '../../../package/react/react.ts'
import { codesOf } from '../codes.ts'

let code: string
beforeAll(async () => {
  code = (await codesOf(1))[0]
})

const render = (props: Parameters<typeof LatentImage>[0]) =>
  renderToStaticMarkup(createElement(LatentImage, props))

test('LatentImage renders on the server: an <img> with the preview behind it', () => {
  const html = render({
    code,
    loading: 'lazy',
    src: 'cat.jpg',
    width: 900,
    height: 600,
    alt: 'A cat',
    style: { borderRadius: 8 },
  })
  expect(html).toMatch(
    /^<img loading="lazy" src="cat.jpg" width="900" height="600" alt="A cat" style="background-image:url\(data:image\/webp/,
  )
  expect(html).toContain('border-radius:8px')
})

test('an invalid code shows the image alone', () => {
  expect(render({ code: 'none', loading: 'lazy', src: 'cat.jpg', alt: '' })).toBe(
    '<img loading="lazy" src="cat.jpg" alt=""/>',
  )
})
