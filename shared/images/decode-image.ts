/** The image formats of the service, behind one function. Runs in workerd, Node and browsers. */
import type { ImageShape } from '../manifest.ts'
import { type Orientation, readOrientation, swapsSides } from './exif.ts'
import type { ImageType } from './image-type.ts'
import { JpegMarkers } from './jpeg/jpeg-markers.ts'
import { type DecodeLimits, type ImageLimits, WorkBudget } from './limits.ts'
import { readChunks } from './png/png-chunks.ts'
import type { Samples } from './samples.ts'
import { readWebpHeader } from './webp/webp-header.ts'

export interface ImageHeader {
  /** With EXIF orientation applied. */
  width: number
  height: number
  /** 1: stored as grey (with or without transparency). 3: stored in colour, even if all its pixels are grey. */
  channels: 1 | 3
  /** For decodeImage to apply. */
  orientation: Orientation
}

export interface DecodedImage extends Samples {
  /** Size of the image itself, with orientation applied. */
  width: number
  height: number
}

/** Reads no pixels. Throws ImageError or a subclass: not this type, malformed, too large, or of an unsupported kind. */
export function readImageHeader(bytes: Uint8Array, type: ImageType, limits: ImageLimits): ImageHeader {
  if (type === 'image/png') {
    const { header, exif } = readChunks(bytes, limits, false)
    return seen(header, header.colourType === 0 || header.colourType === 4 ? 1 : 3, readOrientation(exif))
  }
  if (type === 'image/jpeg') {
    const markers = new JpegMarkers(bytes, limits)
    return seen(markers.frame, markers.frame.components.length === 1 ? 1 : 3, markers.orientation)
  }
  const header = readWebpHeader(bytes, limits)
  return seen(header, 3, header.orientation)
}

type Decode = (
  bytes: Uint8Array,
  shape: ImageShape,
  limits: DecodeLimits,
  keepsAlpha: boolean,
) => Promise<Samples>

/** Each is imported for its first image: their tables (fflate's have 32768 entries) would delay the start of every isolate. */
const decoders: Record<ImageType, () => Promise<Decode>> = {
  'image/png': async () => (await import('./png/png.ts')).decodePng,
  'image/jpeg': async () => {
    const { decodeJpeg } = await import('./jpeg/jpeg.ts')
    return async (bytes, shape, limits) => ({ samples: await decodeJpeg(bytes, shape, limits) })
  },
  'image/webp': async () => (await import('./webp/webp.ts')).decodeWebp,
}

/**
 * Decodes an image and brings it to a model's input. An image of exactly that size passes through untouched; others are
 * squashed by area average (shared/images/resize.ts). Transparency is put on white, and with `keepsAlpha` also
 * returned. Throws nothing but ImageError and its subclasses.
 */
export async function decodeImage(
  bytes: Uint8Array,
  type: ImageType,
  shape: ImageShape,
  limits: ImageLimits,
  { width, height }: ImageHeader = readImageHeader(bytes, type, limits),
  keepsAlpha = false,
): Promise<DecodedImage> {
  const decode = await decoders[type]()
  const { maxPixels, work = new WorkBudget() } = limits
  const { samples, alpha } = await decode(bytes, shape, { maxPixels, work }, keepsAlpha)
  return { samples, ...(alpha && { alpha }), width, height }
}

function seen(
  { width, height }: { width: number; height: number },
  channels: 1 | 3,
  orientation: Orientation,
): ImageHeader {
  const swaps = swapsSides(orientation)
  return { width: swaps ? height : width, height: swaps ? width : height, channels, orientation }
}
