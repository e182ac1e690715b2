/** The page: what the visitor does, and what is shown for it. */

import type { Manifest } from '../../../shared/manifest.ts'
import { button, element, input, text } from '../common/elements.ts'
import { latestWish } from '../common/latest-wish.ts'
import { startTheme } from '../common/theme.ts'
import { listModels, useKey } from './api.ts'
import { compressPicture, type Outcome, smallestBytes } from './compress.ts'
import { loadDecoder } from './engine.ts'
import { showBetween, startBetween } from './latent/between.ts'
import { showLatent, startLatent } from './latent/latent.ts'
import { markModel, showModels } from './models.ts'
import { maxBytes, raiseRate, resetRate, showRate, showRates, startRate } from './rate.ts'
import { decodedSamples } from './result/decoded.ts'
import { look, startLook, suggestLook } from './result/look.ts'
import {
  aspectOf,
  repaintResult,
  showCurl,
  showFailure,
  showOriginal,
  showOutcome,
  startResult,
} from './result/result.ts'
import { startDrawingPad } from './source/drawing-pad.ts'
import { firstExamples, markExample, showExamples } from './source/examples.ts'
import { samplesFor } from './source/samples.ts'
import { fetchPicture, listenForPictures, type Picture, readPicture } from './source/source.ts'

let manifests: Manifest[] = []
let manifest: Manifest
let picture: Picture | undefined
/** The second picture of "between". */
let other: Picture | undefined
/** The picture that the slider's ends are for. */
let rated: Picture | undefined
const attempt = latestWish({ failed: () => showFailure(picture) })

async function compressShown(signal: AbortSignal): Promise<void> {
  if (!picture) return
  if (picture !== rated) showRates(manifest)
  rated = picture
  showOriginal(picture)
  showCurl({ picture, manifest }, maxBytes())
  const outcome = await compressFor(picture, signal)
  const decoded = await decodedSamples(outcome, signal)
  if (signal.aborted) return
  showOutcome(outcome, decoded, look())
  showRate(outcome.response.bytes.total)
  askForKey(outcome)
  const { bytes, error } = outcome.response
  text('status').textContent = `${picture.name}: ${bytes.total} bytes, ${error.psnrDb.toFixed(1)} decibels.`
  await showPlay(outcome, signal)
}

/** Within the slider's bound; if the picture has no code so small, its smallest one. */
async function compressFor(from: Picture, signal: AbortSignal): Promise<Outcome> {
  const compressWithin = (bound: number | undefined) =>
    compressPicture(from, samplesFor(from.bitmap, manifest.input), manifest, bound, signal)
  try {
    return await compressWithin(maxBytes())
  } catch (error) {
    const smallest = smallestBytes(error)
    if (smallest === undefined || signal.aborted) throw error
    if (from === picture) raiseRate(smallest)
    return compressWithin(smallest)
  }
}

/** What runs in the browser: the sliders, and the mixing. */
async function showPlay(outcome: Outcome, signal: AbortSignal): Promise<void> {
  const decoder = await loadDecoder(outcome.manifest)
  if (signal.aborted) return
  const from = { latent: outcome.response.latent!, aspect: aspectOf(outcome.picture) }
  showLatent(decoder, from.latent, from.aspect, look())
  if (!other) return
  const { response } = await compressFor(other, signal)
  if (!signal.aborted)
    showBetween({ decoder, from, to: { latent: response.latent!, aspect: aspectOf(other) } }, look())
}

function askForKey({ closedBy }: Outcome): void {
  element('key-panel', HTMLFormElement).hidden = closedBy !== 401
}

const showFile = (file: Blob, name: string) =>
  attempt(async (signal) => {
    picture = await readPicture(file, name)
    if (signal.aborted) return
    markExample('examples', undefined)
    await compressShown(signal)
  })

const showExample = (url: string) =>
  attempt(async (signal) => {
    markExample('examples', url)
    picture = await fetchPicture(url)
    if (!signal.aborted) await compressShown(signal)
  })

const showOther = (url: string) =>
  attempt(async (signal) => {
    markExample('others', url)
    other = await fetchPicture(url)
    if (!signal.aborted) await compressShown(signal)
  })

/** So that two pictures of the visitor's own can be mixed: keep this one, then choose the next. */
function keepAsOther(): void {
  other = picture
  markExample('others', undefined)
  attempt(compressShown)
}

/** Another model: the same picture again, or its own examples if it takes another kind of image. */
function chooseModel(next: Manifest): Promise<void> {
  return setModel(next) ? startWithExamples() : attempt(compressShown)
}

/** Returns whether it takes another kind of image, in which case no image is chosen. */
function setModel(next: Manifest): boolean {
  const isNewKind = next.input.channels !== manifest?.input.channels
  manifest = next
  markModel(next)
  resetRate()
  showRates(next)
  if (!isNewKind) return false
  picture = other = undefined
  suggestLook(next.input.channels === 1 ? 'pixels' : 'smooth')
  showExamples('examples', next.input.channels, showExample)
  showExamples('others', next.input.channels, showOther)
  return true
}

/** Two examples, or `own` and one. */
function startWithExamples(own?: () => Promise<Picture>): Promise<void> {
  const [first, second] = firstExamples(manifest.input.channels)
  return attempt(async (signal) => {
    markExample('examples', own ? undefined : first)
    markExample('others', second)
    const both = await Promise.all([own ? own() : fetchPicture(first!), fetchPicture(second!)])
    if (signal.aborted) return
    ;[picture, other] = both
    await compressShown(signal)
  })
}

/** A drawn digit goes to a model of grey, whichever was chosen, and is mixed with a digit. */
function showDigit(png: Blob): void {
  const grey = manifests.find(({ input }) => input.channels === 1)
  if (grey && manifest.input.channels !== 1) {
    setModel(grey)
    startWithExamples(() => readPicture(png, 'digit.png'))
  } else showFile(png, 'digit.png')
}

function startPicking(): void {
  input('file').addEventListener('change', () => {
    const file = input('file').files?.[0]
    if (file) showFile(file, file.name)
    input('file').value = ''
  })
  listenForPictures((file) => showFile(file, file.name))
  button('draw').addEventListener('click', () => {
    const panel = text('pad-panel')
    panel.hidden = !panel.hidden
    button('draw').setAttribute('aria-expanded', String(!panel.hidden))
    if (!panel.hidden) text('pad').focus()
  })
  startDrawingPad(showDigit)
  element('key-panel', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    useKey(input('key').value)
    attempt(compressShown)
  })
}

async function start(): Promise<void> {
  startTheme(() => repaintResult(look()))
  startResult()
  startLook()
  startLatent()
  startBetween()
  button('keep').addEventListener('click', keepAsOther)
  startRate(() => attempt(compressShown))
  startPicking()
  manifests = await listModels()
  await chooseModel(showModels(manifests, chooseModel))
}

attempt(start)
