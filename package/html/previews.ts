/** The `style` that shows a code behind its <img>, within a page's budget. */
import { CodecError } from '../../shared/codec/errors.ts'
import { toDataURL } from '../../shared/preview/html/data-url.ts'
import { toGradient } from '../../shared/preview/html/gradient.ts'
import { aspectRatio, averageColor, hasAlpha } from '../../shared/preview/preview.ts'

export interface PreviewOptions {
  /**
   * The budget for all previews of a page, in bytes of HTML: once it is used up, images get a gradient, then a colour.
   * 16,384 if left out.
   */
  pageBytes?: number
  /** The limit for one data URL, in bytes. 300 if left out. */
  imageBytes?: number
}

/** Attributes of one <img>, as they are in the HTML; undefined: it has no attribute of that name. */
export interface ImageAttributes {
  style: string | undefined
  hasSize: boolean
}

/** Makes one page's styles, within its budget. */
export class PagePreviews {
  #left: number
  readonly #imageBytes: number

  constructor({ pageBytes = 16_384, imageBytes = 300 }: PreviewOptions = {}) {
    this.#left = pageBytes
    this.#imageBytes = imageBytes
  }

  /** The new `style`; undefined if the code is invalid, or has transparency, through which a background would shine. */
  style(code: string, { style, hasSize }: ImageAttributes): string | undefined {
    try {
      if (hasAlpha(code)) return undefined
      const ratio = hasSize ? '' : `;aspect-ratio:${aspectRatio(code).toFixed(3)}`
      const added = `background:${this.#background(code)}${ratio}`
      const before = style?.trimEnd()
      return before ? `${before}${before.endsWith(';') ? '' : ';'}${added}` : added
    } catch (error) {
      if (error instanceof CodecError) return undefined
      throw error
    }
  }

  #background(code: string): string {
    const candidates = [
      () => `url(${toDataURL(code, { maxBytes: this.#imageBytes })}) center/cover no-repeat`,
      () => toGradient(code),
    ]
    for (const candidate of candidates) {
      if (this.#left < MIN_BYTES) break
      const text = candidate()
      if (text.length > this.#left) continue
      this.#left -= text.length
      return text
    }
    return color(code)
  }
}

/** No gradient is shorter. */
const MIN_BYTES = 100

function color(code: string): string {
  const { r, g, b } = averageColor(code)
  return `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
