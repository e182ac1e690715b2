import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Package {
  repository?: string | { url: string }
}

const ownPackage: Package = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
)

/** A link to package.json's repository; nothing while that names none, or names it in npm's short form. */
export function sourceLink({ repository }: Package): string {
  const address = typeof repository === 'string' ? repository : repository?.url
  const url = address?.replace(/^git\+/, '').replace(/\.git$/, '')
  if (!url?.startsWith('https://')) return ''
  return `<a href="${url.replaceAll('"', '%22')}">source</a>, `
}

/** Parts that the heads and top bars of all pages share. They replace `<!-- page:NAME -->` in edge/page's HTML. */
export const PAGE_PARTS = {
  head: `<meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/static/page/common/icon.svg" type="image/svg+xml">`,
  brand:
    '<a class="brand" href="/"><img src="/static/page/common/icon.svg" width="22" height="22" alt="">Latent64</a>',
  theme:
    '<button type="button" class="quiet" id="theme"><span class="sun" aria-hidden="true"></span><span id="theme-name">Auto</span></button>',
  source: sourceLink(ownPackage),
}

export function withPageParts(html: string): string {
  return html.replace(/<!-- page:(\w+) -->/g, (mark, name: string) => {
    if (!(name in PAGE_PARTS)) throw new Error(`${mark}: the parts are ${Object.keys(PAGE_PARTS).join(', ')}`)
    return PAGE_PARTS[name as keyof typeof PAGE_PARTS]
  })
}
