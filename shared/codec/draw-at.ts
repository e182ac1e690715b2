import { putOnWhite } from '../images/put-on-white.ts'
import { upscale } from '../images/upscale.ts'
import type { ImageShape } from '../manifest.ts'
import { type AlphaSymbols, alphaPlane } from '../preview/alpha.ts'
import { drawLatent, withoutAlpha } from '../preview/decoder.ts'
import { drawAlpha } from '../preview/draw.ts'
import type { PreviewParameters } from '../preview/parameters.ts'

interface Drawable {
  model: { manifest: { input: ImageShape }; preview?: PreviewParameters }
  /** [h, w, c] of the model */
  samples: Uint8Array
  latent?: Float32Array
  alpha?: AlphaSymbols
}

export interface Drawn {
  /** 8-bit [height, width, channels] */
  samples: Uint8Array
  /** 4 if the picture has transparency; colours are not premultiplied. */
  channels: 1 | 3 | 4
}

/** A decoded picture at any size: a preview is drawn there, others are scaled. */
export function drawAt(picture: Drawable, width: number, height: number): Drawn {
  const { model, samples, latent, alpha } = picture
  const { input } = model.manifest
  if (model.preview && latent && alpha)
    return { samples: transparent(model.preview, latent, alpha, width, height), channels: 4 }
  const { channels } = input
  if (width === input.width && height === input.height) return { samples, channels }
  if (model.preview && latent)
    return { samples: withoutAlpha(drawLatent(model.preview, latent, width, height)), channels }
  return { samples: upscale(samples, input, width, height), channels }
}

function transparent(
  preview: PreviewParameters,
  latent: Float32Array,
  alpha: AlphaSymbols,
  width: number,
  height: number,
): Uint8Array {
  const rgba = drawLatent(preview, latent, width, height)
  drawAlpha(alphaPlane(alpha), rgba, width, height)
  return new Uint8Array(rgba.buffer)
}

/** A picture on white at the model's size, as compress measured it. [h, w, c] */
export function onWhite(picture: Drawable): Uint8Array {
  if (!picture.alpha) return picture.samples
  const { width, height } = picture.model.manifest.input
  const { samples } = drawAt(picture, width, height)
  const alphas = samples.filter((_, i) => i % 4 === 3)
  const pixels = withoutAlpha(samples)
  putOnWhite(pixels, alphas, alphas.length, 3)
  return pixels
}
