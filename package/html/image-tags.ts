/** Finds `<img data-latent64>` in HTML, even across chunks, but not in comments, scripts and styles. */
import type { PagePreviews } from './previews.ts'

const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
/** Elements whose content has no tags. */
const RAW_TEXT = /^<(script|style|textarea|title)[\s/>]/i

/** No more of an unfinished tag is held back, as each further piece copies what is held. Longer ones pass. */
const MOST_HELD = 1 << 16

export class ImageTags {
  readonly #previews: PagePreviews
  #held = ''
  /** Inside such an element: its end tag, in lower case; inside a comment: its end. */
  #until: string | undefined
  /** How much of the held tag has been searched for its end, and the quotes open at that point. */
  #searched = 0
  #quote = ''

  constructor(previews: PagePreviews) {
    this.#previews = previews
  }

  /** Takes the page's next piece; returns as much of it as is certain. */
  push(piece: string): string {
    const html = this.#held + piece
    let out = ''
    let at = 0
    while (at < html.length) {
      const isRawText = this.#until !== undefined
      const end = this.#tokenEnd(html, at)
      if (end === undefined) break
      const token = html.slice(at, end)
      out += isRawText ? token : this.#replaced(token)
      at = end
    }
    if (html.length - at > MOST_HELD) return out + this.#release(html.slice(at))
    this.#held = html.slice(at)
    return out
  }

  finish(): string {
    return this.#release(this.#held)
  }

  #release(text: string): string {
    this.#held = ''
    this.#searched = 0
    this.#quote = ''
    return text
  }

  /** Where the text, tag or comment at `at` ends; undefined if its end has not come yet. */
  #tokenEnd(html: string, at: number): number | undefined {
    if (this.#until !== undefined) return this.#rawTextEnd(html, at, this.#until)
    if (html[at] !== '<') return before(html.indexOf('<', at), html)
    if (html.startsWith('<!--', at)) {
      this.#until = '-->'
      return at + 2 // <!--> is a whole comment
    }
    if (at + 4 > html.length) return undefined // may become <!--
    return /[a-z!/?]/i.test(html[at + 1]) ? this.#tagEnd(html, at) : at + 1
  }

  #rawTextEnd(html: string, at: number, until: string): number | undefined {
    const pattern = new RegExp(until, 'gi')
    pattern.lastIndex = at
    const end = pattern.exec(html)?.index
    if (end !== undefined) {
      this.#until = undefined
      return end
    }
    const safe = html.length - until.length // the end tag may be cut in two
    return safe > at ? safe : undefined
  }

  /** After the next `>` outside quotes. What has been searched already is not searched again. */
  #tagEnd(html: string, at: number): number | undefined {
    for (let i = at + Math.max(1, this.#searched); i < html.length; i++) {
      const character = html[i]
      if (this.#quote) this.#quote = character === this.#quote ? '' : this.#quote
      else if (character === '>') {
        this.#searched = 0
        return i + 1
      } else if ((character === '"' || character === "'") && isValueStart(html, at, i))
        this.#quote = character
    }
    this.#searched = html.length - at
    return undefined
  }

  #replaced(token: string): string {
    const [, name] = RAW_TEXT.exec(token) ?? []
    if (name !== undefined) this.#until = `</${name.toLowerCase()}`
    return /^<img[\s/]/i.test(token) ? withPreview(token, this.#previews) : token
  }
}

/** A quote begins a value only after an equals sign. */
const isValueStart = (html: string, tag: number, quote: number) =>
  /=\s*$/.test(html.slice(Math.max(tag, quote - 8), quote))

const before = (found: number, html: string) => (found < 0 ? html.length : found)

function withPreview(tag: string, previews: PagePreviews): string {
  const attributes = new Map<string, string>()
  for (const [, name, double, single, bare] of tag.slice(4, -1).matchAll(ATTRIBUTE))
    attributes.set(name!.toLowerCase(), double ?? single ?? bare ?? '')
  const code = attributes.get('data-latent64')
  if (code === undefined) return tag
  const hasSize = attributes.has('width') && attributes.has('height')
  const style = previews.style(code, { style: attributes.get('style'), hasSize })
  if (style === undefined) return without(tag, ['data-latent64'])
  const rest = without(tag, ['data-latent64', 'style'])
  return `${rest.slice(0, 4)} style="${style.replaceAll('"', '&quot;')}"${rest.slice(4)}`
}

function without(tag: string, names: string[]): string {
  const value = `"[^"]*"|'[^']*'|[^\\s"'=<>\`]+`
  return tag.replace(new RegExp(`\\s(?:${names.join('|')})(?:\\s*=\\s*(?:${value}))?(?=[\\s/>])`, 'gi'), '')
}
