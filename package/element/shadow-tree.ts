/** The inside of a <latent-image>: a canvas with the preview, and the <img> over it. */
import { STYLE } from './style.ts'

export interface ShadowTree {
  canvas: HTMLCanvasElement
  slot: HTMLSlotElement
}

/** Made once: a page's 200 elements clone it, and share a style sheet object, which no Content-Security-Policy forbids. */
let content: DocumentFragment | undefined
let sheet: CSSStyleSheet | undefined

export function shadowTree(element: HTMLElement): ShadowTree {
  const root = element.attachShadow({ mode: 'open' })
  content ??= newContent()
  root.append(content.cloneNode(true))
  sheet ??= newSheet()
  root.adoptedStyleSheets = [sheet]
  const [canvas, slot] = root.children as unknown as [HTMLCanvasElement, HTMLSlotElement]
  return { canvas, slot }
}

function newContent(): DocumentFragment {
  const canvas = document.createElement('canvas')
  canvas.setAttribute('part', 'preview')
  canvas.setAttribute('aria-hidden', 'true')
  const content = document.createDocumentFragment()
  content.append(canvas, document.createElement('slot'))
  return content
}

function newSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  return sheet
}
