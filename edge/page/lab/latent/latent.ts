/** Sliders over the latent numbers; each move decodes in the browser and redraws the picture. */
import { decodeLatent } from '../../../../shared/codec/transform.ts'
import { button, canvas, text } from '../../common/elements.ts'
import type { Decoder } from '../engine.ts'
import { type Look, paint } from '../result/picture.ts'
import { latentRanges, randomLatent } from './latent-ranges.ts'

/** Stops of a slider on each side of zero. */
const STOPS = 100

interface State {
  decoder: Decoder
  /** The latent that the code carries: where Reset goes back to. */
  coded: number[]
  latent: Float32Array
  /** What a slider's end stands for. [latent] */
  ranges: number[]
  aspect: number
  look: Look
  level: number
}

let state: State | undefined
let drawing = false
let sliders: HTMLInputElement[] = []

export function startLatent(): void {
  button('latent-reset').addEventListener('click', () => state && setAll(state.coded))
  button('latent-zero').addEventListener('click', () => state && setAll(state.coded.map(() => 0)))
  button('latent-random').addEventListener(
    'click',
    () => state && setAll(randomLatent(state.decoder, state.level)),
  )
  text('sliders').addEventListener('input', ({ target }) => move(target as HTMLInputElement))
  text('sliders').addEventListener('focusin', ({ target }) => choose(target as HTMLInputElement))
  text('sliders').addEventListener('keydown', walk)
}

export function showLatent(decoder: Decoder, coded: number[], aspect: number, look: Look): void {
  if (sliders.length !== coded.length) makeSliders(coded.length)
  const ranges = latentRanges(decoder).map((range, d) => Math.max(range, Math.abs(coded[d])))
  const level = decoder.manifest.defaultLevel
  state = { decoder, coded, latent: Float32Array.from(coded), ranges, aspect, look, level }
  text('latent').hidden = false
  setAll(coded)
}

export function repaintLatent(look: Look): void {
  if (!state) return
  state.look = look
  redraw()
}

function makeSliders(count: number): void {
  text('latent-title').textContent = `The ${count} numbers`
  sliders = Array.from({ length: count }, (_, dimension) => {
    const slider = document.createElement('input')
    slider.type = 'range'
    slider.className = 'latent'
    slider.min = String(-STOPS)
    slider.max = String(STOPS)
    slider.step = 'any'
    slider.tabIndex = dimension === 0 ? 0 : -1
    slider.dataset.dimension = String(dimension)
    slider.setAttribute('aria-label', `Number ${dimension + 1} of ${count}`)
    return slider
  })
  text('sliders').replaceChildren(...sliders)
}

function setAll(values: ArrayLike<number>): void {
  state!.latent.set(values)
  sliders.forEach((slider, dimension) => {
    slider.value = String((STOPS * values[dimension]) / state!.ranges[dimension])
    label(slider, dimension)
  })
  nameValue(sliders.find((slider) => slider.tabIndex === 0)!)
  redraw()
}

function move(slider: HTMLInputElement): void {
  if (!state) return
  const dimension = Number(slider.dataset.dimension)
  state.latent[dimension] = (Number(slider.value) * state.ranges[dimension]) / STOPS
  label(slider, dimension)
  nameValue(slider)
  redraw()
}

/** The bar between zero and the value, for style.css, and the value in words. */
function label(slider: HTMLInputElement, dimension: number): void {
  const share = (Number(slider.value) / STOPS + 1) / 2
  slider.style.setProperty('--low', String(Math.min(0.5, share)))
  slider.style.setProperty('--high', String(Math.max(0.5, share)))
  slider.dataset.sign = share > 0.5 ? 'plus' : 'minus'
  slider.setAttribute('aria-valuetext', state!.latent[dimension].toFixed(2))
}

function nameValue(slider: HTMLInputElement): void {
  const dimension = Number(slider.dataset.dimension)
  text('latent-name').textContent = `Number ${dimension + 1}`
  text('latent-value').textContent = state!.latent[dimension].toFixed(2)
}

/** At most one decode a frame, however fast the slider moves. */
function redraw(): void {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    const { decoder, latent, look, aspect } = state!
    paint(canvas('latent-picture'), decodeLatent(decoder, latent), decoder.manifest.input, look, aspect)
  })
}

/** One slider is in the tab order, the one last used. */
function choose(slider: HTMLInputElement): void {
  if (!slider.dataset.dimension) return
  for (const each of sliders) each.tabIndex = each === slider ? 0 : -1
  if (state) nameValue(slider)
}

const KEYS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 }

function walk(event: KeyboardEvent): void {
  const slider = event.target as HTMLInputElement
  const step = KEYS[event.key]
  if (step !== undefined) {
    event.preventDefault()
    sliders[(Number(slider.dataset.dimension) + step + sliders.length) % sliders.length].focus()
  } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    // step="any" has no key step of its own in every browser
    event.preventDefault()
    slider.value = String(Number(slider.value) + (event.key === 'ArrowUp' ? 4 : -4))
    move(slider)
  }
}
