/**
 * `latent64/element`: <latent-image>, which shows a code's picture until the photograph has loaded.
 *
 *     <latent-image code="..."><img src="cat.jpg" alt="A cat" width="900" height="600" loading="lazy"></latent-image>
 *     <latent-image code="..." src="cat.jpg" alt="A cat" width="900" height="600"></latent-image>
 *
 * In the first form the <img> also works without JavaScript. Import it for its side effect; on a server it does
 * nothing.
 */
import { aspectRatio } from '../../shared/preview/preview.ts'
import { queueDrawing } from './draw-queue.ts'
import { shadowTree } from './shadow-tree.ts'

/** Passed on to the <img>. */
const IMAGE_ATTRIBUTES = [
  ...['src', 'srcset', 'sizes', 'alt', 'width', 'height', 'loading'],
  ...['decoding', 'fetchpriority', 'crossorigin', 'referrerpolicy'],
]

/** A photograph that loads sooner was in the cache, and is shown without fading. */
const CACHED_MS = 60

const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** `state`, also as an attribute: `preview`, `loaded`, or `error` (the preview stays, and the <img>'s alt is there). */
export class LatentImage extends Base {
  static readonly observedAttributes = ['code', ...IMAGE_ATTRIBUTES]
  readonly #canvas: HTMLCanvasElement
  #image: HTMLImageElement | undefined
  #wasConnected = false
  #previewMs = 0
  #drawnCode: string | undefined

  constructor() {
    super()
    const { canvas, slot } = shadowTree(this)
    this.#canvas = canvas
    slot.addEventListener('slotchange', () => this.#adoptImage()) // a parser adds children after the element
  }

  connectedCallback(): void {
    this.#wasConnected = true
    this.#adoptImage()
    if (this.#image) return
    this.#reserve()
    this.#draw()
  }

  disconnectedCallback(): void {
    this.#leaveImage()
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (!this.isConnected || !this.#wasConnected) return // attributes in the HTML are set before connectedCallback
    if (name === 'code')
      queueMicrotask(() => this.#startAgain()) // a framework changes the <img> next
    else if (!this.#image) this.#adoptImage()
    else {
      setAttribute(this.#image, name, value)
      if (name === 'src' || name === 'srcset') this.#watch()
      this.#reserve()
    }
  }

  /** With another code, and perhaps another photograph. */
  #startAgain(): void {
    this.#reserve()
    if (this.#image) this.#watch()
    else this.#draw()
  }

  /** The code, as the attribute. */
  get code(): string {
    return this.getAttribute('code') ?? ''
  }
  set code(code: string) {
    this.setAttribute('code', code)
  }

  /** The <img> inside, or a new one if the attributes say what to show. */
  #adoptImage(): void {
    const image = this.querySelector('img') ?? this.#newImage()
    if (image === this.#image || !image) return
    this.#leaveImage()
    this.#image = image
    image.addEventListener('load', this.#onLoad)
    image.addEventListener('error', this.#onError)
    this.#reserve()
    this.#watch()
  }

  #leaveImage(): void {
    this.#image?.removeEventListener('load', this.#onLoad)
    this.#image?.removeEventListener('error', this.#onError)
    this.#image = undefined
  }

  #newImage(): HTMLImageElement | undefined {
    if (!this.hasAttribute('src') && !this.hasAttribute('srcset')) return undefined
    const image = document.createElement('img')
    for (const name of IMAGE_ATTRIBUTES) setAttribute(image, name, this.getAttribute(name))
    this.append(image)
    return image
  }

  #watch(): void {
    const { complete, naturalWidth, currentSrc } = this.#image!
    if (complete && naturalWidth > 0) this.#finish('loaded', false)
    else if (complete && currentSrc) this.#finish('error', false)
    else this.#setState('preview')
  }

  readonly #onLoad = () => this.#finish('loaded', performance.now() - this.#previewMs > CACHED_MS)
  readonly #onError = () => this.#finish('error', false)

  #finish(state: 'loaded' | 'error', fade: boolean): void {
    this.toggleAttribute('fade', fade)
    this.#setState(state)
    this.dispatchEvent(new Event(state === 'loaded' ? 'load' : 'error'))
  }

  #setState(state: 'preview' | 'loaded' | 'error'): void {
    this.setAttribute('state', state)
    if (state !== 'loaded') this.#draw()
    if (state !== 'preview') return
    this.#previewMs = performance.now()
    this.removeAttribute('fade')
  }

  /** Reserves the photograph's space: by its width and height, else by the code's aspect ratio. */
  #reserve(): void {
    const [width, height] = ['width', 'height'].map((side) => Number(this.#image?.getAttribute(side)))
    const ratio = width && height ? width / height : ratioOf(this.code)
    if (ratio) this.style.setProperty('--latent-ratio', String(ratio))
    if (width) this.style.setProperty('--latent-width', `${width}px`)
  }

  /** Not a later one, nor the photograph. */
  #shows(code: string): boolean {
    return this.isConnected && code === this.code && this.getAttribute('state') !== 'loaded'
  }

  /** A photograph that has loaded already needs no preview. */
  #draw(): void {
    const { code } = this
    queueDrawing({
      ...{ element: this, code, canvas: this.#canvas },
      isWanted: () => code !== this.#drawnCode && this.#shows(code),
      isSeen: () => this.#shows(code),
      onDrawn: (isCode) => {
        this.#drawnCode = code
        this.toggleAttribute('invalid', !isCode)
      },
    })
  }
}

/** Undefined if the code is invalid; then only the photograph is shown. */
function ratioOf(code: string): number | undefined {
  try {
    return aspectRatio(code)
  } catch {
    return undefined
  }
}

function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name)
  else element.setAttribute(name, value)
}

globalThis.customElements?.get('latent-image') ??
  globalThis.customElements?.define('latent-image', LatentImage)

declare global {
  interface HTMLElementTagNameMap {
    'latent-image': LatentImage
  }
}
