/** A code's picture as a data URL, for HTML that shows it without a script. */
import { encodeTile } from '../../images/webp/encode/encode-tile.ts'
import { aspectRatio, decode } from '../preview.ts'

/** One VP8 macroblock, and nearly as fine as a preview. */
const LONG_SIDE = 16
/** A finer quantizer adds nothing that can be seen. */
const FINEST_QUANTIZER = 12
const PREFIX = 'data:image/webp;base64,'

export interface DataUrlOptions {
  /** Limit for the whole data URL, in characters; 300 if left out. */
  maxBytes?: number
}

/**
 * A WebP of 16 pixels on the long side, which browsers enlarge smoothly. Throws CodecError if the code is invalid, and
 * RangeError if no picture fits into `maxBytes`.
 */
export function toDataURL(code: string | Uint8Array, { maxBytes = 300 }: DataUrlOptions = {}): string {
  const { width, height, rgba } = decode(
    code,
    aspectRatio(code) < 1 ? { height: LONG_SIDE } : { width: LONG_SIDE },
  )
  const webpBytes = 3 * Math.floor((maxBytes - PREFIX.length) / 4)
  const webp = encodeTile(rgba, width, height, webpBytes, FINEST_QUANTIZER)
  if (!webp) throw new RangeError(`no picture fits into a data URL of ${maxBytes} characters`)
  return PREFIX + btoa(String.fromCharCode(...webp))
}
