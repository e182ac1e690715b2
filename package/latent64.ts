/** `latent64` in Node: images to codes and back. */

import { decompress as decompressCode } from '../shared/codec/codec.ts'
import { fromBase64Url } from '../shared/codec/container/base64url.ts'
import { drawAt } from '../shared/codec/draw-at.ts'
import { compressOne, storeWith } from './compress-one.ts'
import type { CompressedImage, CompressOptions, ImageInput, Picture, PictureSize } from './types.ts'

export { compressAll } from './compress-all.ts'
export type {
  BatchOptions,
  CompressedImage,
  CompressOptions,
  ImageInput,
  Picture,
  PictureSize,
  Pixels,
} from './types.ts'

/**
 * An image to its code. Throws if the image cannot be read, or `maxBytes` or `targetPsnrDb` not be kept.
 * GIF, AVIF, TIFF and SVG need sharp, an optional peer dependency.
 */
export const compress = (image: ImageInput, options?: CompressOptions): Promise<CompressedImage> =>
  compressOne(image, options)

/** A code (base64url or bytes) to its picture. Throws CodecError if it is invalid. */
export async function decompress(
  code: string | Uint8Array,
  { size = 'model', model }: { size?: PictureSize; model?: string } = {},
): Promise<Picture> {
  const bytes = typeof code === 'string' ? fromBase64Url(code) : code
  const store = storeWith(model)
  await store.forCode(bytes)
  const picture = decompressCode(store, bytes)
  const shape = picture.model.manifest.input
  const original = { width: picture.width, height: picture.height }
  const { width, height } = size === 'model' ? shape : size === 'original' ? original : fill(size, original)
  const { samples, channels } = drawAt(picture, width, height)
  return { data: samples.slice(), width, height, channels, original }
}

/** A side that is not given follows the original's aspect. */
function fill(
  { width, height }: { width?: number; height?: number },
  original: { width: number; height: number },
): { width: number; height: number } {
  if (width === undefined && height === undefined) return original
  const aspect = original.width / original.height
  return {
    width: width ?? Math.max(1, Math.round(height! * aspect)),
    height: height ?? Math.max(1, Math.round(width! / aspect)),
  }
}
