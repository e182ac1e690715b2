/** The gallery: twenty photographs, all shown by one kind of placeholder, or as they are. */
import { text } from '../../common/elements.ts'
import { drawPixels, pixelsOfCode } from '../paint.ts'
import { type Kind, kinds } from './kinds.ts'
import { type GalleryPhoto, photos } from './photos.ts'

const SIDE = 32

let chosen: Kind = 'latent64'
const canvases = new Map<GalleryPhoto, HTMLCanvasElement>()

export function startGallery(onOpen: (photo: GalleryPhoto) => void): void {
  for (const photo of photos) text('tiles').append(tile(photo, onOpen))
  for (const { kind, name } of kinds) text('kinds').append(choice(kind, name))
  text('kinds').addEventListener('change', ({ target }) => show((target as HTMLInputElement).value as Kind))
  show(chosen)
}

function tile(photo: GalleryPhoto, onOpen: (photo: GalleryPhoto) => void): HTMLLIElement {
  const canvas = document.createElement('canvas')
  canvases.set(photo, canvas)
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-label', `Compare photograph ${photos.indexOf(photo) + 1}`)
  button.append(canvas)
  button.addEventListener('click', () => onOpen(photo))
  const item = document.createElement('li')
  item.append(button)
  return item
}

function choice(kind: Kind, name: string): HTMLLabelElement {
  const label = document.createElement('label')
  const radio = document.createElement('input')
  Object.assign(radio, { type: 'radio', name: 'kind', value: kind, checked: kind === chosen })
  const span = document.createElement('span')
  span.textContent = name
  label.append(radio, span)
  return label
}

async function show(kind: Kind): Promise<void> {
  chosen = kind
  text('kind-note').textContent = kinds.find((each) => each.kind === kind)!.note
  for (const [photo, canvas] of canvases) {
    if (chosen !== kind) return // another one was chosen meanwhile
    if (kind === 'latent64') drawPixels(canvas, pixelsOfCode(photo.code, SIDE))
    else await drawOther(canvas, photo, kind)
    await nextTurn()
  }
}

/** The other decoders come when they are asked for. */
async function drawOther(canvas: HTMLCanvasElement, photo: GalleryPhoto, kind: Kind): Promise<void> {
  const { drawKind } = await import('./draw-kind.ts')
  await drawKind(canvas, photo, kind)
}

/** A task for each tile, so that none holds up the page. */
const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve))
