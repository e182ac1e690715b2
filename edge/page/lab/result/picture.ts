/** Pixels on canvases. */
import type { ImageShape } from '../../../../shared/manifest.ts'

export type Look = 'smooth' | 'pixels'
/** Width of a smoothly enlarged picture, in pixels. */
const SMOOTH_SIDE = 480

/** 8-bit samples [h, w, c] -> RGBA [h, w, 4]. */
export function toImageData(samples: Uint8Array, { width, height, channels }: ImageShape): ImageData {
  const image = new ImageData(width, height)
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 4; c++)
      image.data[4 * pixel + c] = c === 3 ? 255 : samples[pixel * channels + (channels === 3 ? c : 0)]
  return image
}

/** Draws samples: as they are ('pixels'), or enlarged smoothly to the picture's aspect (width / height). */
export function paint(
  target: HTMLCanvasElement,
  samples: Uint8Array,
  shape: ImageShape,
  look: Look,
  aspect: number,
) {
  paintImage(target, toImageData(samples, shape), look, aspect)
}

export function paintImage(target: HTMLCanvasElement, image: ImageData, look: Look, aspect: number) {
  setLook(target, look, aspect)
  if (look === 'pixels') {
    resize(target, image.width, image.height)
    target.getContext('2d')!.putImageData(image, 0, 0)
    return
  }
  const small = new OffscreenCanvas(image.width, image.height)
  small.getContext('2d')!.putImageData(image, 0, 0)
  paintSource(target, small, aspect)
}

/** Draws an image at the display's size. */
export function paintSource(
  target: HTMLCanvasElement,
  source: ImageBitmap | OffscreenCanvas,
  aspect: number,
) {
  setLook(target, 'smooth', aspect)
  resize(target, Math.round(SMOOTH_SIDE * Math.min(1, aspect)), Math.round(SMOOTH_SIDE / Math.max(1, aspect)))
  const context = target.getContext('2d')!
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = 'high'
  context.clearRect(0, 0, target.width, target.height)
  context.drawImage(source, 0, 0, target.width, target.height)
}

/** style.css fits a picture of its own aspect into a frame of the result's. */
function setLook(target: HTMLCanvasElement, look: Look, aspect: number) {
  target.classList.toggle('pixels', look === 'pixels')
  target.style.setProperty('--own', String(aspect))
}

function resize(target: HTMLCanvasElement, width: number, height: number) {
  if (target.width !== width) target.width = Math.max(1, width)
  if (target.height !== height) target.height = Math.max(1, height)
}

/** An error of this size, on [0, 1], is drawn in full colour. */
const FULL_ERROR = 0.3
const COLORS = {
  light: { zero: [255, 255, 255], plus: [194, 65, 12], minus: [29, 78, 216] },
  dark: { zero: [22, 25, 29], plus: [255, 156, 82], minus: [111, 155, 255] },
} as const

/** Where the reconstruction is too bright (orange) and too dark (blue), by the mean of the channels. */
export function errorMap(
  original: Uint8Array,
  decoded: Uint8Array,
  shape: ImageShape,
  theme: 'light' | 'dark',
) {
  const { zero, plus, minus } = COLORS[theme]
  const image = new ImageData(shape.width, shape.height)
  for (let pixel = 0; pixel < shape.width * shape.height; pixel++) {
    let difference = 0
    for (let c = 0; c < shape.channels; c++) {
      const at = pixel * shape.channels + c
      difference += (decoded[at] - original[at]) / (255 * shape.channels)
    }
    const strength = Math.min(1, Math.abs(difference) / FULL_ERROR)
    const full = difference > 0 ? plus : minus
    for (let c = 0; c < 3; c++) image.data[4 * pixel + c] = zero[c] + strength * (full[c] - zero[c])
    image.data[4 * pixel + 3] = 255
  }
  return image
}
