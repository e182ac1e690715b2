/** An image file of any size: by the service's own decoders if they read the format, else by sharp. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { decodeImage, readImageHeader } from '../shared/images/decode-image.ts'
import { ImageTooLargeError } from '../shared/images/errors.ts'
import { type ImageType, isImageType, type SignedType, typeBySignature } from '../shared/images/image-type.ts'
import { provideJpegScan } from '../shared/images/jpeg/kernel/jpeg-scan.ts'
import { WorkBudget } from '../shared/images/limits.ts'
import { areaAverage } from '../shared/images/resize.ts'
import type { Samples } from '../shared/images/samples.ts'
import { provideLibwebp } from '../shared/images/webp/libwebp.ts'
import type { ImageShape } from '../shared/manifest.ts'
import { whyUnreadable } from './image-type.ts'
import { jpegScanWasmPath, libwebpPath } from './installed-files.ts'

/** Only memory is bounded, unlike in the service: how long it takes is up to the user. */
const LIMITS = { maxPixels: 2 ** 28, work: new WorkBudget(Number.POSITIVE_INFINITY) }

interface OpenImage {
  /** EXIF orientation applied; 3 channels if it is stored in colour, even if all its pixels are grey. */
  shape: ImageShape
  /** Squashed to this shape by area average. [h, w, c] */
  samplesAs(shape: ImageShape): Promise<Uint8Array>
  /** The same, and the transparency beside it, if there may be any. */
  withAlpha(shape: ImageShape): Promise<Samples>
}

provideJpegScan(() => new WebAssembly.Module(readFileSync(jpegScanWasmPath)))
provideLibwebp(async () => {
  return new WebAssembly.Module(await readFile(libwebpPath))
})

/** Throws if the image is damaged; undefined if its format is unknown. */
export async function openImage(bytes: Uint8Array): Promise<OpenImage | undefined> {
  if (bytes.length === 0) throw new Error('the file is empty')
  const type = typeBySignature(bytes)
  return isImageType(type) ? openLikeService(bytes, type) : openOther(bytes, type)
}

function openLikeService(bytes: Uint8Array, type: ImageType): OpenImage {
  const { height, width, channels } = readImageHeader(bytes, type, LIMITS)
  const read = async (shape: ImageShape, keepsAlpha: boolean): Promise<Samples> => {
    try {
      return await decodeImage(bytes, type, shape, LIMITS, undefined, keepsAlpha)
    } catch (error) {
      if (!(error instanceof ImageTooLargeError) || type !== 'image/webp') throw error
      return readAllBySharp(bytes, type, shape, keepsAlpha) // libwebp's memory is bounded for the service's sake
    }
  }
  return {
    shape: { height, width, channels },
    samplesAs: async (shape) => (await read(shape, false)).samples,
    withAlpha: (shape) => read(shape, true),
  }
}

async function readAllBySharp(bytes: Uint8Array, type: ImageType, shape: ImageShape, keepsAlpha: boolean) {
  const image = await openOther(bytes, type)
  if (!image) throw new Error(`damaged ${type}`)
  return keepsAlpha ? image.withAlpha(shape) : { samples: await image.samplesAs(shape) }
}

/** GIF, AVIF, TIFF, SVG: upright, in sRGB and on white; areaAverage makes it grey, as it does for any other image. */
async function openOther(bytes: Uint8Array, type: SignedType | undefined): Promise<OpenImage | undefined> {
  const unreadable = whyUnreadable(type)
  if (unreadable) throw new Error(unreadable)
  const raw = await readBySharp(bytes, type)
  if (!raw) return undefined
  if (raw.info.channels > 3)
    throw new Error(`expected an image in grey or RGB, got one of ${raw.info.channels} channels`)
  const shape = { height: raw.info.height, width: raw.info.width, channels: raw.info.channels as 1 | 3 }
  const samplesAs = async (wanted: ImageShape) => areaAverage(raw.data, shape, wanted)
  const withAlpha = async (wanted: ImageShape) => {
    const alpha = await readAlpha(bytes)
    const averaged = alpha && areaAverage(alpha, { ...shape, channels: 1 }, { ...wanted, channels: 1 })
    return { samples: await samplesAs(wanted), ...(averaged && { alpha: averaged }) }
  }
  return { shape, samplesAs, withAlpha }
}

/** Undefined if it is not an image. */
async function readBySharp(bytes: Uint8Array, type: SignedType | undefined) {
  const sharp = await loadSharp()
  if (!sharp && type === undefined) return undefined
  if (!sharp) throw new Error(`reading ${type} takes sharp: npm install sharp`)
  try {
    return await sharp(bytes, { limitInputPixels: LIMITS.maxPixels })
      .autoOrient()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .withIccProfile('srgb', { attach: false }) // at 16 bits per sample sharp would return Display P3
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
  } catch (error) {
    const { message } = error as Error
    const isForeign = message.includes('unsupported image format')
    if (isForeign && type === undefined) return undefined
    throw new Error(isForeign ? `damaged ${type}` : message.split('\n').at(-1), { cause: error })
  }
}

/** The transparency of an image that sharp has read, [h, w]; undefined if it has none. */
async function readAlpha(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const sharp = (await loadSharp())!
  const image = sharp(bytes, { limitInputPixels: LIMITS.maxPixels })
  if (!(await image.metadata()).hasAlpha) return undefined
  return image.autoOrient().extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer()
}

/** Undefined if it is not installed: the npm package has it as an optional peer dependency. */
async function loadSharp() {
  try {
    return (await import('sharp')).default
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
