import { upscale } from '../images/upscale.ts'
import type { ImageShape } from '../manifest.ts'
import { drawLatent, withoutAlpha } from '../preview/decoder.ts'
import type { PreviewParameters } from '../preview/parameters.ts'

interface Drawable {
  model: { manifest: { input: ImageShape }; preview?: PreviewParameters }
  /** [h, w, c] of the model */
  samples: Uint8Array
  latent?: Float32Array
}

/** A decoded picture at another size: a preview is drawn there, others are scaled. 8-bit samples [height, width, c]. */
export function drawAt({ model, samples, latent }: Drawable, width: number, height: number): Uint8Array {
  const { input } = model.manifest
  if (width === input.width && height === input.height) return samples
  if (model.preview && latent) return withoutAlpha(drawLatent(model.preview, latent, width, height))
  return upscale(samples, input, width, height)
}
