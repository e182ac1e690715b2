/** A picture as the model sees it: composited on white and brought to its size as the service does. */
import type { ImageShape } from '../../shared/manifest.ts'
import { areaAverage } from '../../shared/resize.ts'

/** 8-bit samples [h, w, c]. A JPEG's may differ by a step from the service's: the two decode with other libraries. */
export function samplesFor(bitmap: ImageBitmap, shape: ImageShape): Uint8Array {
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d')!
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(bitmap, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  const rgb = new Uint8Array(3 * width * height)
  for (let i = 0, at = 0; at < rgb.length; i += 4) {
    rgb[at++] = data[i]!
    rgb[at++] = data[i + 1]!
    rgb[at++] = data[i + 2]!
  }
  return areaAverage(rgb, { width, height, channels: 3 }, shape)
}
