/** The lines that put the shown picture into a site. */
import { button, text } from '../common/elements.ts'
import type { Shown } from './stage.ts'

const names = ['html', 'react', 'server', 'build', 'curl'] as const
type Name = (typeof names)[number]

let chosen: Name = 'html'
let shown: Shown

const snippets: Record<Name, { note: string; lines: (shown: Shown) => string }> = {
  html: {
    note: 'The <img> is there without JavaScript too. The element draws the code, keeps the space, and fades to the photograph.',
    lines: ({
      code,
      name,
      width,
      height,
    }) => `<script type="module" src="https://your.site/latent64/web/element.min.js"></script>
<latent-image code="${code}">
  <img src="${name}" width="${width}" height="${height}" alt="" loading="lazy"></latent-image>`,
  },
  react: {
    note: 'Renders on the server too; the preview stands in the HTML and needs no script.',
    lines: ({ code, name, width, height }) => `import { LatentImage } from 'latent64/react'

<LatentImage code="${code}" src="${name}" width={${width}} height={${height}} alt="" />`,
  },
  server: {
    note: 'In Node, Bun or Deno. For HTML that your server already sends, latent64/html has a function, Hono middleware and an HTMLRewriter handler.',
    lines: ({ name }) => `import { compress } from 'latent64'

const { code, width, height } = await compress('${name}', { maxBytes: 32 })`,
  },
  build: {
    note: 'A JSON file with code, size, colour and data URL of every photograph in a folder. Only what changed is computed again.',
    lines: () => 'npx latent64 placeholders photos/ --json placeholders.json',
  },
  curl: {
    note: 'This service, which responds with the code and how good it is.',
    lines: ({ name }) => `curl '${location.origin}/compress' \\
  -H 'Content-Type: ${typeOf(name)}' \\
  --data-binary '@${name.replaceAll("'", "'\\''")}'`,
  },
}

function typeOf(name: string): string {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase()
  return `image/${extension === 'png' || extension === 'webp' ? extension : 'jpeg'}`
}

export function startSnippets(): void {
  for (const name of names) {
    tab(name).addEventListener('click', () => choose(name))
    tab(name).addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? names.length - 1 : 0
      if (step === 0) return
      const next = names[(names.indexOf(name) + step) % names.length]
      choose(next)
      tab(next).focus()
    })
  }
}

const tab = (name: Name) => button(`tab-${name}`)

function choose(name: Name): void {
  chosen = name
  for (const each of names) {
    tab(each).setAttribute('aria-selected', String(each === name))
    tab(each).tabIndex = each === name ? 0 : -1
  }
  text('snippet').setAttribute('aria-labelledby', `tab-${name}`)
  showSnippets(shown)
}

export function showSnippets(next: Shown): void {
  shown = next
  text('snippet-code').textContent = snippets[chosen].lines(next)
  text('snippet-note').textContent = snippets[chosen].note
}
