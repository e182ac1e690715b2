/** Shows what became of a picture: the original, the reconstruction, the error map, the code, and its figures. */

import { button, canvas, element, text } from '../../common/elements.ts'
import { theme } from '../../common/theme.ts'
import { curlCommand } from '../api.ts'
import type { Outcome } from '../compress.ts'
import type { Picture } from '../source/source.ts'
import { blurHash, type Hash, thumbHash } from './hashes.ts'
import { errorMap, type Look, paint, paintImage, paintSource } from './picture.ts'

/** Frames of very long pictures would leave the screen. */
const frameAspect = (aspect: number) => Math.min(2, Math.max(0.75, aspect))
export const aspectOf = ({ bitmap }: Picture) => bitmap.width / bitmap.height

const kilobytes = (bytes: number) =>
  bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0)} kB`

let shown: { outcome: Outcome; decoded: Uint8Array; hashes: [Hash, Hash] } | undefined

export function startResult(): void {
  button('copy').addEventListener('click', copyCode)
  element('code', HTMLTextAreaElement).addEventListener('focus', (event) =>
    (event.target as HTMLTextAreaElement).select(),
  )
}

/** Until the code is there, the original alone: nothing of another picture stays beside it. */
export function showOriginal(picture: Picture): void {
  if (shown?.outcome.picture !== picture) clearOutcome()
  const section = text('result')
  section.dataset.state = 'busy'
  section.setAttribute('aria-busy', 'true')
  document.documentElement.style.setProperty('--aspect', String(frameAspect(aspectOf(picture))))
  paintSource(canvas('original'), picture.bitmap, aspectOf(picture))
  const { width, height } = picture.given
  const note = `${width} × ${height} · ${kilobytes(picture.given.bytes)}`
  const { bitmap } = picture
  const isReduced = bitmap.width !== width || bitmap.height !== height
  text('original-note').textContent = isReduced ? `${note}, sent as ${bitmap.width} × ${bitmap.height}` : note
}

/** After an error: what is shown is of the picture shown, or gone. */
export function showFailure(picture: Picture | undefined): void {
  const section = text('result')
  section.removeAttribute('aria-busy')
  if (shown !== undefined && shown.outcome.picture === picture) section.dataset.state = 'done'
  else {
    clearOutcome()
    section.dataset.state = 'failed'
  }
}

const DRAWN = ['decoded', 'error', 'blurhash', 'thumbhash']
const FIGURES = ['bytes', 'psnr', 'ssim', 'bpp', 'ratio']
const NOTES = [
  'decoded-note',
  ...['blurhash', 'thumbhash'].flatMap((id) => ['bytes', 'psnr', 'ssim'].map((each) => `${id}-${each}`)),
]

function clearOutcome(): void {
  shown = undefined
  for (const id of DRAWN) canvas(id).getContext('2d')!.clearRect(0, 0, canvas(id).width, canvas(id).height)
  for (const id of FIGURES) text(id).textContent = '–'
  for (const id of NOTES) text(id).textContent = ''
  for (const id of ['unlike', 'where', 'latent', 'between']) text(id).hidden = true
  element('code', HTMLTextAreaElement).value = ''
  enableCode(false)
}

function enableCode(isThere: boolean): void {
  button('copy').disabled = !isThere
  if (!isThere) element('preview', HTMLAnchorElement).removeAttribute('href')
}

export function showOutcome(outcome: Outcome, decoded: Uint8Array, look: Look): void {
  const { original, manifest, response, picture } = outcome
  const blur = blurHash(original, manifest.input, response.bytes.total, aspectOf(picture))
  shown = { outcome, decoded, hashes: [blur, thumbHash(original, manifest.input)] }
  repaintResult(look)
  showFigures(outcome)
  showHash('blurhash', shown.hashes[0])
  showHash('thumbhash', shown.hashes[1])
  text('result').dataset.state = 'done'
  text('result').removeAttribute('aria-busy')
}

/** Again with another look or theme. */
export function repaintResult(look: Look): void {
  if (!shown) return
  const { outcome, decoded, hashes } = shown
  const { original, picture, manifest } = outcome
  const aspect = aspectOf(picture)
  if (look === 'pixels') paint(canvas('original'), original, manifest.input, look, aspect)
  else paintSource(canvas('original'), picture.bitmap, aspect)
  paint(canvas('decoded'), decoded, manifest.input, look, aspect)
  paintImage(canvas('error'), errorMap(original, decoded, manifest.input, theme()), 'pixels', aspect)
  paintImage(canvas('blurhash'), hashes[0].image, look, aspect)
  paintImage(canvas('thumbhash'), hashes[1].image, look, aspect)
}

function showFigures({ response, picture, manifest, closedBy }: Outcome): void {
  const { width, height, channels } = manifest.input
  text('bytes').textContent = String(response.bytes.total)
  text('psnr').textContent = `${response.error.psnrDb.toFixed(2)} dB`
  text('ssim').textContent = response.error.ssim.toFixed(3)
  text('bpp').textContent = response.bitsPerPixel.toPrecision(2)
  text('ratio').textContent = `${Math.round(picture.given.bytes / response.bytes.total)} ×`
  text('decoded-note').textContent = `${width} × ${height} ${channels === 3 ? 'colour' : 'grey'}`
  element('code', HTMLTextAreaElement).value = response.code
  enableCode(true)
  element('preview', HTMLAnchorElement).href = `/preview/${response.code}?${previewQuery(response)}`
  const unlike = text('unlike')
  unlike.hidden = response.inDistribution
  unlike.textContent = `This is not the kind of image that ${manifest.name} was trained on: expect a poor likeness.`
  const where = text('where')
  where.hidden = closedBy === undefined
  where.textContent = `Compressed in your browser: the server ${closedBy ? `answered ${closedBy}` : 'did not respond'}.`
}

/** The widths that /preview draws, and the pixels that it draws for anyone (docs/deploy.md). */
const PREVIEW_WIDTHS = [1024, 768, 512, 384, 256, 128, 64, 16]
const PREVIEW_PIXELS = 1_048_576

function previewQuery({ width, height }: { width: number; height: number }): string {
  if (width * height <= PREVIEW_PIXELS) return 'size=original'
  return `width=${PREVIEW_WIDTHS.find((each) => (each * each * height) / width <= PREVIEW_PIXELS) ?? 1}`
}

function showHash(id: 'blurhash' | 'thumbhash', { bytes, psnrDb, ssim }: Hash): void {
  text(`${id}-bytes`).textContent = `${Math.round(bytes)} bytes`
  text(`${id}-psnr`).textContent = `${psnrDb.toFixed(2)} dB`
  text(`${id}-ssim`).textContent = `SSIM ${ssim.toFixed(3)}`
}

export function showCurl(
  { picture, manifest }: Pick<Outcome, 'picture' | 'manifest'>,
  maxBytes: number | undefined,
): void {
  text('curl').textContent = curlCommand({ model: manifest.name, maxBytes, file: picture.file }, picture.name)
}

async function copyCode(): Promise<void> {
  const code = element('code', HTMLTextAreaElement)
  try {
    await navigator.clipboard.writeText(code.value)
    button('copy').textContent = 'Copied'
    text('status').textContent = 'The code is in the clipboard.'
  } catch {
    code.focus()
    code.select()
    button('copy').textContent = 'Selected'
  }
  setTimeout(() => {
    button('copy').textContent = 'Copy'
  }, 1600)
}
