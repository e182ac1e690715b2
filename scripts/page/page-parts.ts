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
}

export function withPageParts(html: string): string {
  return html.replace(/<!-- page:(\w+) -->/g, (mark, name: string) => {
    if (!(name in PAGE_PARTS)) throw new Error(`${mark}: the parts are ${Object.keys(PAGE_PARTS).join(', ')}`)
    return PAGE_PARTS[name as keyof typeof PAGE_PARTS]
  })
}
