/** Each kind of placeholder by its own decoder. */
import { decode as decodeChromaHash } from '@visualcommons/chromahash/decode'
import { decode as decodeBlurHash } from 'blurhash'
import { thumbHashToRGBA } from 'thumbhash'
import { drawImage, drawPixels, pixelsOfCode } from '../paint.ts'
import type { Kind } from './kinds.ts'
import { type GalleryPhoto, photoUrl } from './photos.ts'

const SIDE = 64

type Photo = Omit<GalleryPhoto, 'color'>

export async function drawKind(canvas: HTMLCanvasElement, photo: Photo, kind: Kind): Promise<void> {
  if (kind === 'photograph') return drawImage(canvas, photoUrl(photo))
  if (kind === 'webp') return drawWebp(canvas, bytesOf(photo.webp))
  drawPixels(canvas, decode(photo, kind))
}

function decode(photo: Photo, kind: Exclude<Kind, 'photograph' | 'webp'>) {
  if (kind === 'latent64') return pixelsOfCode(photo.code, 2 * SIDE)
  if (kind === 'blurhash') return blurHash(photo)
  const { w, h, rgba } =
    kind === 'thumbhash'
      ? thumbHashToRGBA(bytesOf(photo.thumbHash))
      : decodeChromaHash(bytesOf(photo.chromaHash))
  return { width: w, height: h, rgba: new Uint8ClampedArray(rgba) }
}

function blurHash({ blurHash, width, height }: Photo) {
  const scale = SIDE / Math.max(width, height)
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
  return { ...size, rgba: new Uint8ClampedArray(decodeBlurHash(blurHash, size.width, size.height)) }
}

async function drawWebp(canvas: HTMLCanvasElement, webp: Uint8Array<ArrayBuffer>): Promise<void> {
  const url = URL.createObjectURL(new Blob([webp], { type: 'image/webp' }))
  await drawImage(canvas, url)
  URL.revokeObjectURL(url)
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
