/** Mixes two pictures' latents and decodes what lies in between, in the browser. */
import { decode, decodeLatent } from '../../../../shared/codec/transform.ts'
import { canvas, input, text } from '../../common/elements.ts'
import type { Decoder } from '../engine.ts'
import { type Look, paint } from '../result/picture.ts'

/** Pictures in the strip under the slider, both ends included. */
const FRAMES = 9

interface End {
  latent: number[]
  /** Width / height of the original. */
  aspect: number
}

interface Ends {
  decoder: Decoder
  from: End
  to: End
}

let ends: Ends | undefined
let look: Look = 'smooth'

export function startBetween(): void {
  input('mix').addEventListener('input', paintMix)
  const frames = Array.from({ length: FRAMES }, () => document.createElement('canvas'))
  text('film').replaceChildren(...frames)
}

export function showBetween(given: Ends, givenLook: Look): void {
  ends = given
  look = givenLook
  text('between').hidden = false
  paintEnds()
}

export function repaintBetween(givenLook: Look): void {
  look = givenLook
  if (ends) paintEnds()
}

/** The straight line between two latents; between two aspects, a straight line between their logarithms. */
function mix({ from, to }: Ends, share: number): End {
  const latent = from.latent.map((value, d) => value + share * (to.latent[d] - value))
  return { latent, aspect: from.aspect ** (1 - share) * to.aspect ** share }
}

/** The ends and the strip: one batch. */
function paintEnds(): void {
  const { decoder } = ends!
  const mixes = Array.from({ length: FRAMES }, (_, i) => mix(ends!, i / (FRAMES - 1)))
  const pictures = decode(
    decoder,
    mixes.map(({ latent }) => latent),
  )
  const show = (target: HTMLCanvasElement, i: number) =>
    paint(target, pictures[i], decoder.manifest.input, look, mixes[i].aspect)
  text('film').querySelectorAll('canvas').forEach(show)
  show(canvas('between-a'), 0)
  show(canvas('between-b'), FRAMES - 1)
  paintMix()
}

function paintMix(): void {
  const percent = Number(input('mix').value)
  text('mix-value').textContent = `${percent} %`
  if (!ends) return
  const { latent, aspect } = mix(ends, percent / 100)
  paint(
    canvas('between-picture'),
    decodeLatent(ends.decoder, latent),
    ends.decoder.manifest.input,
    look,
    aspect,
  )
}
