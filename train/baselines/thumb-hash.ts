/** ThumbHash through its own package, for images of any size. */
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import type { ImageShape } from '../../shared/manifest.ts'
import { fromRgba, resizeRgba, toRgba } from './rgba.ts'

/** The longest side that ThumbHash takes. */
const LONGEST = 100

export async function toThumbHash(samples: Uint8Array, shape: ImageShape): Promise<Uint8Array> {
  const rgba = toRgba(samples, shape)
  const { height, width } = shape
  const scale = Math.min(1, LONGEST / Math.max(height, width))
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
  const small = await resizeRgba({ w: width, h: height, rgba: new Uint8Array(rgba.buffer) }, size)
  return rgbaToThumbHash(size.width, size.height, small)
}

/** Its own decoder picks the size (the longer side 32 pixels); bicubic resampling follows if that is not the shape's. */
export async function fromThumbHash(hash: Uint8Array, shape: ImageShape): Promise<Uint8Array> {
  return fromRgba(await resizeRgba(thumbHashToRGBA(hash), shape), shape)
}
