/** The slider from 16 bytes to 20 kB: the photograph at the top as a code, a WebP and an AVIF of that size. */

import { toBase64Url } from '../../../../shared/codec/container/base64url.ts'
import { LEAST_GRID_BYTES } from '../../../../shared/grid/grid-container.ts'
import { canvas, element, input, text } from '../../common/elements.ts'
import { latestWish } from '../../common/latest-wish.ts'
import { drawPixels, pixelsOfCode } from '../paint.ts'
import { current, type Shown } from '../stage.ts'
import { RIVALS, type Rival, STOPS } from './stops.ts'

const SIDE = 96
const attempt = latestWish({})

let shown: Shown | undefined
let source: import('./sources.ts').Source | undefined

export function startBytes(): void {
  const slider = input('budget')
  slider.max = String(STOPS.length - 1)
  slider.addEventListener('input', () => attempt(show))
}

/** For another photograph: only a preview, which is there already, until the slider moves. */
export function showFirstBytes({ code }: Shown): void {
  shown = undefined
  input('budget').value = String(STOPS.indexOf(32))
  showBudget()
  try {
    drawPixels(canvas('by-latent64'), pixelsOfCode(code, SIDE))
  } catch {} // of another model: it is drawn at the top
  for (const rival of RIVALS) showFile(rival, undefined, 'has no file so small')
}

const budget = () => STOPS[Number(input('budget').value)]

function showBudget(): void {
  const words = `${budget().toLocaleString('en')} bytes`
  text('budget-bytes').textContent = words
  input('budget').setAttribute('aria-valuetext', words)
}

async function show(signal: AbortSignal): Promise<void> {
  showBudget()
  const bytes = budget()
  if (shown !== current() || !source) {
    const { sourceOf } = await import('./sources.ts')
    shown = current()
    source = sourceOf(shown)
  }
  const from = source
  const code = await from.code(bytes, signal)
  if (signal.aborted) return
  await draw(code, bytes, signal)
  await Promise.all(
    RIVALS.map(async (rival) => {
      if (from.lacks.includes(rival)) return showFile(rival, undefined, 'is not written by browsers')
      const file = await from.file(rival, bytes)
      if (!signal.aborted) showFile(rival, file, 'has no file so small')
    }),
  )
}

async function draw(code: Uint8Array, bytes: number, signal: AbortSignal): Promise<void> {
  if (bytes < LEAST_GRID_BYTES)
    return drawPixels(canvas('by-latent64'), pixelsOfCode(toBase64Url(code), SIDE))
  const { loadLongDecoder } = await import('./long-decoder.ts')
  const decode = await loadLongDecoder()
  if (!signal.aborted) drawPixels(canvas('by-latent64'), decode(code))
}

function showFile(rival: Rival, file: Blob | undefined, why: string): void {
  const image = element(`by-${rival}`, HTMLImageElement)
  if (image.src.startsWith('blob:')) URL.revokeObjectURL(image.src)
  image.hidden = file === undefined
  if (file) image.src = URL.createObjectURL(file)
  else image.removeAttribute('src')
  text(`${rival}-note`).textContent = file ? `${file.size.toLocaleString('en')} bytes` : why
}
