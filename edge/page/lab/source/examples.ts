/** The built-in examples: photographs for models of colour, digits for models of grey. */
import { text } from '../../common/elements.ts'

interface Example {
  url: string
  name: string
}

const example = (file: string, name: string): Example => ({ url: `/static/page/examples/${file}`, name })

const EXAMPLES: Record<1 | 3, Example[]> = {
  3: [
    example('coffee.jpg', 'Coffee'),
    example('cat.jpg', 'Cat'),
    example('astronaut.jpg', 'Astronaut'),
    example('rocket.jpg', 'Rocket'),
  ],
  1: [
    example('digit-2.png', 'Two'),
    example('digit-3.png', 'Three'),
    example('digit-5.png', 'Five'),
    example('digit-8.png', 'Eight'),
  ],
}

export const firstExamples = (channels: 1 | 3) => EXAMPLES[channels].map(({ url }) => url)

/** Fills a group with buttons, one an example. */
export function showExamples(
  id: 'examples' | 'others',
  channels: 1 | 3,
  onPick: (url: string) => void,
): void {
  text(id).replaceChildren(
    text(id).firstElementChild!, // the legend
    ...EXAMPLES[channels].map(({ url, name }) => {
      const button = document.createElement('button')
      const image = document.createElement('img')
      button.type = 'button'
      button.dataset.url = url
      button.setAttribute('aria-pressed', 'false')
      image.src = url
      image.alt = name
      image.width = image.height = 48
      button.append(image)
      button.addEventListener('click', () => onPick(url))
      return button
    }),
  )
}

/** Marks the example that is shown, if it is one. */
export function markExample(id: 'examples' | 'others', url: string | undefined): void {
  for (const button of text(id).querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(button.dataset.url === url))
}
