/** WebP in: libwebp decodes the frame into wasm memory, from where its rows go into the area average. */
import type { ImageShape } from '../../manifest.ts'
import { ImageError, ImageTooLargeError } from '../errors.ts'
import { applyOrientation, swapsSides } from '../exif.ts'
import type { ImageLimits } from '../limits.ts'
import { onWhite } from '../png/png-samples.ts'
import { areaAverageRows, toChannels } from '../resize.ts'
import { decodeWithLibwebp } from './libwebp.ts'
import { readWebpHeader, type WebpHeader } from './webp-header.ts'

/**
 * libwebp needs the whole frame in memory: RGBA, for lossless images also the coded pixels, for alpha planes two
 * bytes a pixel more. So many megabytes leave room for the rest in an isolate of 128 MB: 12 megapixels of a lossy
 * image, 8 with alpha, 6 lossless.
 */
const MAX_FRAME_BYTES = 48e6
/** The frame and libwebp's two copies of the file: 12 megapixels may come in 6 MB, in 10 MB no more than 10. */
const MAX_MEMORY_BYTES = 60e6

export async function decodeWebp(
  webp: Uint8Array,
  shape: ImageShape,
  limits: ImageLimits,
): Promise<Uint8Array> {
  const header = readWebpHeader(webp, limits)
  checkFrame(header, webp.length)
  const target = swapsSides(header.orientation) ? { width: shape.height, height: shape.width } : shape
  let stored: Uint8Array | undefined
  await decodeWithLibwebp(webp, (rgba, width, height) => {
    if (width !== header.width || height !== header.height) {
      throw new ImageError('the WebP decodes to another size than its header says')
    }
    const rows = (y: number, pixels: Uint8Array): void => rgbaRow(rgba, y * width * 4, pixels)
    stored = areaAverageRows({ width, height, channels: 3 }, target, rows)
  })
  return applyOrientation(toChannels(stored!, 3, shape.channels), shape, header.orientation)
}

function checkFrame({ width, height, lossless, hasAlphaPlane }: WebpHeader, fileBytes: number): void {
  const pixelBytes = lossless ? 8 : hasAlphaPlane ? 6 : 4
  const maxBytes = Math.min(MAX_FRAME_BYTES, Math.max(0, MAX_MEMORY_BYTES - 2 * fileBytes))
  const maxPixels = Math.floor(maxBytes / pixelBytes)
  if (width * height <= maxPixels) return
  const kind = lossless ? 'lossless WebP' : hasAlphaPlane ? 'WebP with alpha' : 'WebP'
  const expected = `expected at most ${maxPixels} pixels of a ${kind} of ${fileBytes} bytes`
  throw new ImageTooLargeError(`${expected}, got ${width} x ${height}`)
}

function rgbaRow(rgba: Uint8Array, start: number, pixels: Uint8Array): void {
  for (let from = start, to = 0; to < pixels.length; from += 4) {
    const alpha = rgba[from + 3]!
    pixels[to++] = onWhite(rgba[from]!, alpha)
    pixels[to++] = onWhite(rgba[from + 1]!, alpha)
    pixels[to++] = onWhite(rgba[from + 2]!, alpha)
  }
}
