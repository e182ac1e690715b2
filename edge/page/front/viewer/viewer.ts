/** Two pictures of one photograph over each other, with a line between them to move, and a zoom. */
import { button, canvas, element, input, text } from '../../common/elements.ts'
import { drawKind } from '../gallery/draw-kind.ts'
import { type Kind, kinds } from '../gallery/kinds.ts'
import type { GalleryPhoto } from '../gallery/photos.ts'
import { drawCode, drawImage } from '../paint.ts'
import type { Shown } from '../stage.ts'
import { type OwnPlaceholders, placeholdersOf } from './own-placeholders.ts'
import { startZoom, unzoom } from './zoom.ts'

const SIDES = ['left', 'right'] as const
type Side = (typeof SIDES)[number]

let subject: GalleryPhoto | (Shown & OwnPlaceholders)
let isStarted = false

export async function showViewer(next: GalleryPhoto | Shown): Promise<void> {
  start()
  subject = await withPlaceholders(next)
  for (const side of SIDES) offer(side)
  text('swipe').style.setProperty('--ratio', String(subject.width / subject.height))
  unzoom()
  await Promise.all(SIDES.map(draw))
  if (!dialog().open) dialog().showModal()
}

async function withPlaceholders(next: GalleryPhoto | Shown): Promise<typeof subject> {
  if ('gallery' in next && next.gallery) return next.gallery
  return 'src' in next ? { ...next, ...(await placeholdersOf(next)) } : next
}

const dialog = () => element('viewer', HTMLDialogElement)
const isGallery = (each: object): each is GalleryPhoto => !('src' in each)
const select = (side: Side) => element(`${side}-kind`, HTMLSelectElement)

function start(): void {
  if (isStarted) return
  isStarted = true
  for (const side of SIDES) select(side).addEventListener('change', () => draw(side))
  button('viewer-close').addEventListener('click', () => dialog().close())
  input('split').addEventListener('input', () =>
    text('swipe').style.setProperty('--split', `${input('split').value}%`),
  )
  startZoom()
}

/** Keeps what was chosen. */
function offer(side: Side): void {
  const wanted = select(side).value || (side === 'left' ? 'latent64' : 'photograph')
  select(side).replaceChildren(...kinds.map(({ kind, name }) => new Option(name, kind)))
  select(side).value = wanted
}

async function draw(side: Side): Promise<void> {
  const kind = select(side).value as Kind
  const { name } = kinds.find((each) => each.kind === kind)!
  canvas(side).setAttribute('aria-label', `${side === 'left' ? 'Left' : 'Right'}: ${name}`)
  const notes = SIDES.map((each) => kinds.find(({ kind }) => kind === select(each).value)!)
  text('viewer-note').textContent = notes.map(({ name, note }) => `${name}: ${note}`).join(' ')
  if (isGallery(subject)) await drawKind(canvas(side), subject, kind)
  else if (kind === 'photograph') await drawImage(canvas(side), subject.src)
  else if (kind === 'latent64') await drawCode(canvas(side), subject.code, 128)
  else await drawKind(canvas(side), subject, kind)
}
