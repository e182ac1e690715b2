/** The picture at the top: its preview, from the code, until the photograph fades in. */
import { element, text } from '../common/elements.ts'
import type { GalleryPhoto } from './gallery/photos.ts'
import { drawCode } from './paint.ts'

export interface Shown {
  /** As the visitor would name it. */
  name: string
  code: string
  bytes: number
  /** The photograph's size, in pixels. */
  width: number
  height: number
  src: string
  /** A visitor's photograph, as the server reads it. */
  sent?: Blob
  /** What other placeholders make of it; only of the gallery's photographs. */
  gallery?: GalleryPhoto
}

/** How long the preview stays alone at least, so that it is seen; and the side it is drawn at. */
const PREVIEW_MS = 1400
const SIDE = 64
const GLOW_SIDE = 8

let shown: Shown
let timer: ReturnType<typeof setTimeout> | undefined

export const current = (): Shown => shown

export function showOnStage(next: Shown): void {
  if (shown?.src.startsWith('blob:') && shown.src !== next.src) URL.revokeObjectURL(shown.src)
  shown = next
  const { code, bytes, width, height } = next
  const photograph = element('photograph', HTMLImageElement)
  photograph.width = width
  photograph.height = height
  if (!next.gallery) photograph.alt = next.name
  for (const id of ['frame', 'contest']) text(id).style.setProperty('--ratio', String(width / height))
  text('code').textContent = code
  text('bytes').textContent = `${bytes} bytes`
  text('size').textContent = `${width} × ${height}`
  replay()
}

export async function replay(): Promise<void> {
  const { code, src } = shown
  const photograph = element('photograph', HTMLImageElement)
  clearTimeout(timer)
  text('frame').classList.remove('loaded')
  const isSmall = await drawCode(element('preview', HTMLCanvasElement), code, SIDE)
  await drawCode(element('glow', HTMLCanvasElement), code, GLOW_SIDE)
  text('frame').classList.toggle('other-model', !isSmall)
  photograph.src = src
  const loaded = photograph.decode().catch(() => {})
  await Promise.all([
    loaded,
    new Promise((done) => {
      timer = setTimeout(done, PREVIEW_MS)
    }),
  ])
  if (shown.src === src) text('frame').classList.add('loaded')
}
