/** A picture -> samples of the requested size -> PNG. */
import { type Drawn, drawAt } from '../../shared/codec/draw-at.ts'
import { Problem } from '../http/problem.ts'
import type { RenderQuery } from '../schemas.ts'
import type { Picture } from './pictures/picture.ts'

/** Upscaling holds floats of the model's height by the new width: without a limit a code of 65536 x 1 would take 200 MB. */
const MAX_SIDE = 16_384

export interface Size {
  width: number
  height: number
}

/** 8-bit samples [height, width, channels] */
export interface Rendering extends Size, Drawn {}

/**
 * The model's own size, unless `width` or `size` asks for the original's aspect ratio. Throws 413 if that is too large,
 * with the width to ask for instead: one of `widths` if only those are drawn.
 */
export function renderedSize(
  picture: Picture,
  query: RenderQuery,
  maxPixels: number,
  widths?: readonly number[],
): Size {
  const size = askedSize(picture, query)
  const { width, height } = size
  const isTooLong = width > MAX_SIDE || height > MAX_SIDE
  if (!isTooLong && width * height <= maxPixels) return size
  const widest = widestWithin(maxPixels, picture)
  const maxWidth = widths?.findLast((each) => each <= widest) ?? widest
  const limit = isTooLong ? `a side of more than ${MAX_SIDE}` : `more than ${maxPixels} pixels`
  const detail = `a picture of ${width} x ${height} has ${limit}: ask for ?width=${maxWidth} or less`
  throw new Problem('too-large', detail, { maxPixels, maxSide: MAX_SIDE, maxWidth })
}

/** Approximate: with an extreme aspect ratio the height stays one pixel at any width. */
function widestWithin(pixels: number, { width, height }: Size): number {
  return Math.floor(Math.min(Math.sqrt((pixels * width) / height), MAX_SIDE, (MAX_SIDE * width) / height))
}

function askedSize(picture: Picture, query: RenderQuery): Size {
  if (query.width !== undefined && query.size !== undefined)
    throw new Problem('malformed', 'query: give `width` or `size`, not both')
  if (query.size === 'original') return picture
  if (query.width === undefined) return picture.model.manifest.input
  const height = Math.max(1, Math.round((query.width * picture.height) / picture.width))
  return { width: query.width, height }
}

export function render(picture: Picture, { width, height }: Size): Rendering {
  return { ...drawAt(picture, width, height), width, height }
}

/** The encoder is loaded for the first picture, like the decoders in shared/images/decode-image.ts. */
export async function pngOf({ samples, ...shape }: Rendering): Promise<Uint8Array<ArrayBuffer>> {
  const { encodePng } = await import('../../shared/images/png/encode-png.ts')
  return encodePng(samples, shape)
}
