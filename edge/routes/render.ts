/** A picture -> samples of the size that was asked for, and their encodings. */

import { upscale } from '../../shared/images/upscale.ts'
import type { ImageShape } from '../../shared/manifest.ts'
import { Problem } from '../http/problem.ts'
import type { RenderQuery } from '../schemas.ts'
import type { Settings } from '../settings.ts'
import type { Picture } from './decompress-input.ts'

/** Upscaling holds floats of the model's height by the new width: without this a code of 65536 x 1 would take 200 MB. */
const MAX_SIDE = 16_384

export interface Rendering extends ImageShape {
  /** [h, w, c] */
  samples: Uint8Array
}

/** The model's own size, unless `width` or `size` asks for the original's aspect. Throws 413 where that is too much. */
export function render(picture: Picture, query: RenderQuery, { maxOutputPixels }: Settings): Rendering {
  const { input } = picture.model.manifest
  const { width, height } = renderedSize(picture, query)
  if (width * height > maxOutputPixels || width > MAX_SIDE || height > MAX_SIDE) {
    const widest = widestWithin(maxOutputPixels, picture)
    const detail = `a picture of ${width} x ${height} pixels has more than ${maxOutputPixels}: ask for ?width=${widest} or less`
    throw new Problem('too-large', detail, { maxOutputPixels, maxWidth: widest })
  }
  if (width === input.width && height === input.height) return { ...input, samples: picture.samples }
  return { samples: upscale(picture.samples, input, width, height), width, height, channels: input.channels }
}

/** Near enough: an extreme aspect keeps its one pixel of height at any width. */
function widestWithin(pixels: number, { width, height }: Picture): number {
  return Math.floor(Math.min(Math.sqrt((pixels * width) / height), MAX_SIDE, (MAX_SIDE * width) / height))
}

function renderedSize(picture: Picture, query: RenderQuery): { width: number; height: number } {
  if (query.width !== undefined && query.size !== undefined)
    throw new Problem('malformed', 'query: give `width` or `size`, not both')
  if (query.size === 'original') return picture
  if (query.width === undefined) return picture.model.manifest.input
  return {
    width: query.width,
    height: Math.max(1, Math.round((query.width * picture.height) / picture.width)),
  }
}

/** The encoder is read when the first picture is asked for, as decoders are (images/decode-image.ts). */
export async function pngOf({ samples, ...shape }: Rendering): Promise<Uint8Array<ArrayBuffer>> {
  const { encodePng } = await import('../../shared/images/png/encode-png.ts')
  return encodePng(samples, shape)
}
