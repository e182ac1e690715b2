/** `latent64` in Node: images -> codes, and back. */

import type { ModelStore } from '../cli/inputs/model-store.ts'
import { decompress as decompressCode } from '../shared/codec/codec.ts'
import { fromBase64Url } from '../shared/codec/container/base64url.ts'
import { drawAt } from '../shared/codec/draw-at.ts'
import { drawablePart } from '../shared/grid/grid-code.ts'
import { isGridCode } from '../shared/grid/grid-container.ts'
import { compressOne, grids, storeWith } from './compress-one.ts'
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
 * Compresses an image. Throws if the image cannot be read, or `maxBytes` or `targetPsnrDb` cannot be kept.
 * GIF, AVIF, TIFF and SVG need sharp, an optional peer dependency.
 */
export const compress = (image: ImageInput, options?: CompressOptions): Promise<CompressedImage> =>
  compressOne(image, options)

/** Decompresses a code (base64url or bytes). Throws CodecError if it is invalid. */
export async function decompress(
  code: string | Uint8Array,
  { size = 'model', model }: { size?: PictureSize; model?: string } = {},
): Promise<Picture> {
  const bytes = drawablePart(typeof code === 'string' ? fromBase64Url(code) : code)
  const store = storeWith(model)
  if (isGridCode(bytes)) return decompressLong(bytes, store, size)
  await store.forCode(bytes)
  const picture = decompressCode(store, bytes)
  const shape = picture.model.manifest.input
  const original = { width: picture.width, height: picture.height }
  const { width, height } = sizeOf(size, shape, original)
  const { samples, channels } = drawAt(picture, width, height)
  return { data: samples.slice(), width, height, channels, original }
}

/** `model` is then the size at which the picture is coded. */
async function decompressLong(bytes: Uint8Array, store: ModelStore, size: PictureSize): Promise<Picture> {
  const { decoded, ...original } = await grids.decompress(bytes, store)
  const { samples, ...own } = decoded.picture
  const { width, height } = sizeOf(size, own, original)
  const input = { ...own, channels: 3 as const }
  const { samples: data, channels } = drawAt({ model: { manifest: { input } }, samples }, width, height)
  return {
    ...{ data: data.slice(), width, height, channels },
    original: { width: original.width, height: original.height },
  }
}

interface Size {
  width: number
  height: number
}

const sizeOf = (size: PictureSize, own: Size, original: Size): Size =>
  size === 'model' ? own : size === 'original' ? original : fill(size, original)

/** A side that is not given follows from the original's aspect ratio. */
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
