/** A picture as the model sees it: composited on white and brought to its size as the service does. */

import { AreaAverage, toChannels } from '../../../../shared/images/resize.ts'
import type { ImageShape } from '../../../../shared/manifest.ts'

/** Rows read at a time: a photograph of 16 megapixels as a whole would take 64 MB more. */
const BAND_ROWS = 128

/** 8-bit samples [h, w, c]. A JPEG's may differ by a step from the service's: the two decode with other libraries. */
export function samplesFor(bitmap: ImageBitmap, shape: ImageShape): Uint8Array {
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, Math.min(height, BAND_ROWS)).getContext('2d', {
    willReadFrequently: true,
  })!
  const average = new AreaAverage({ width, height, channels: 3 }, shape)
  const columns = average.columns({ start: 0, step: 1, size: 1, count: width })
  context.fillStyle = '#fff'
  for (let top = 0; top < height; top += BAND_ROWS) {
    const rows = Math.min(BAND_ROWS, height - top)
    context.fillRect(0, 0, width, rows)
    context.drawImage(bitmap, 0, -top)
    const { data } = context.getImageData(0, 0, width, rows)
    for (let y = 0; y < rows; y++) average.addRow(rowOf(data, y, width), columns, top + y, top + y + 1)
  }
  return toChannels(average.finish(), 3, shape.channels)
}

/** Row y of RGBA data, as RGB. [w, 3] */
function rowOf(data: Uint8ClampedArray, y: number, width: number): Uint8Array {
  const row = new Uint8Array(3 * width)
  for (let x = 0, from = 4 * y * width, to = 0; x < width; x++, from += 4) {
    row[to++] = data[from]
    row[to++] = data[from + 1]
    row[to++] = data[from + 2]
  }
  return row
}
