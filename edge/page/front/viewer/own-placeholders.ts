/** What other placeholders make of a visitor's photograph: encoded here, once it is compared. */
import { ChromaHash, init as initChromaHash } from '@visualcommons/chromahash'
import { encode as encodeBlurHash } from 'blurhash'
import { rgbaToThumbHash } from 'thumbhash'
import { encodeTile } from '../../../../shared/images/webp/encode/encode-tile.ts'
import type { GalleryPhoto } from '../gallery/photos.ts'
import type { Shown } from '../stage.ts'

/** As scripts/page/gallery.ts makes those of the gallery. */
const SIDE = 100
const WEBP_SIDE = 16
const WEBP_BYTES = 80

/** ChromaHash's encoder, 43 kB gzipped: scripts/build-assets.ts puts it there. */
const CHROMA_HASH_WASM = '/static/page/chromahash.wasm'

export type OwnPlaceholders = Pick<GalleryPhoto, 'chromaHash' | 'thumbHash' | 'blurHash' | 'webp'>

export async function placeholdersOf({ src }: Shown): Promise<OwnPlaceholders> {
  const image = new Image()
  image.src = src
  await Promise.all([image.decode(), initChromaHash(CHROMA_HASH_WASM)])
  const hundred = pixelsOf(image, SIDE)
  const small = pixelsOf(image, WEBP_SIDE)
  const webp = encodeTile(small.data, small.width, small.height, WEBP_BYTES)
  if (!webp) throw new Error(`no WebP of this photograph fits into ${WEBP_BYTES} bytes`)
  const hundredBytes = new Uint8Array(hundred.data)
  return {
    chromaHash: base64(ChromaHash.encode(hundred.width, hundred.height, hundredBytes, 'sRGB').hash),
    thumbHash: base64(rgbaToThumbHash(hundred.width, hundred.height, hundred.data)),
    blurHash: encodeBlurHash(hundred.data, hundred.width, hundred.height, 4, 4),
    webp: base64(webp),
  }
}

/** RGBA, its longer side of so many pixels. */
function pixelsOf(image: HTMLImageElement, side: number): ImageData {
  const { naturalWidth, naturalHeight } = image
  const scale = Math.min(1, side / Math.max(naturalWidth, naturalHeight))
  const [width, height] = [naturalWidth, naturalHeight].map((each) => Math.max(1, Math.round(each * scale)))
  const context = new OffscreenCanvas(width!, height!).getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, width!, height!)
  return context.getImageData(0, 0, width!, height!)
}

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
