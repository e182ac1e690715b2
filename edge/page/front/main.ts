/** The front page: a photograph and its code, a gallery beside other placeholders, and the lines that use it. */
import { button, element, input, text } from '../common/elements.ts'
import { latestWish } from '../common/latest-wish.ts'
import { startTheme } from '../common/theme.ts'
import { listenForPictures } from '../lab/source/source.ts'
import { showFirstBytes, startBytes } from './bytes/bytes.ts'
import { startGallery } from './gallery/gallery.ts'
import { photos, photoUrl } from './gallery/photos.ts'
import { showNumbers } from './numbers.ts'
import { compressFile } from './own-picture.ts'
import { showSnippets, startSnippets } from './snippets.ts'
import { current, replay, type Shown, showOnStage } from './stage.ts'

const attempt = latestWish({ settled: () => text('stage').removeAttribute('aria-busy') })

function show(shown: Shown): void {
  showOnStage(shown)
  showSnippets(shown)
  showFirstBytes(shown)
}

const showFile = (file: Blob, name: string) =>
  attempt(async (signal) => {
    text('stage').setAttribute('aria-busy', 'true')
    const shown = await compressFile(file, name, signal)
    if (signal.aborted) return
    show(shown)
    text('status').textContent = `${name}: ${shown.bytes} bytes.`
    text('stage').scrollIntoView({ block: 'nearest', behavior: 'smooth' })
  })

async function openViewer(name?: string): Promise<void> {
  const { showViewer } = await import('./viewer/viewer.ts')
  await showViewer(photos.find((photo) => photo.name === name) ?? current())
}

const hero = photos[0]
startTheme(() => {})
startSnippets()
startBytes()
show({ ...hero, name: 'macaws.jpg', bytes: codeBytes(hero.code), src: photoUrl(hero), gallery: hero })
startGallery((photo) => attempt(() => openViewer(photo.name)))
showNumbers()

input('file').addEventListener('change', () => {
  const [file] = input('file').files ?? []
  if (file) showFile(file, file.name)
  input('file').value = '' // so that the same file can be chosen again
})
listenForPictures((file) => showFile(file, file.name || 'pasted.png'))
button('replay').addEventListener('click', replay)
button('compare').addEventListener('click', () => attempt(() => openViewer()))
button('copy-code').addEventListener('click', () => copy('copy-code', current().code))
button('copy-snippet').addEventListener('click', () =>
  copy('copy-snippet', text('snippet-code').textContent!),
)

async function copy(id: string, what: string): Promise<void> {
  await navigator.clipboard.writeText(what)
  const label = button(id).textContent
  button(id).textContent = 'Copied'
  text('status').textContent = 'Copied.'
  setTimeout(() => {
    button(id).textContent = label
  }, 1500)
}

function codeBytes(code: string): number {
  return Math.floor((code.length * 3) / 4)
}

// A page that scripts can drive before this line has run would lose what they did.
element('frame', HTMLDivElement).dataset.ready = ''
