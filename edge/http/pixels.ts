import type { ImageShape } from '../../shared/manifest.ts'
import { Problem } from './problem.ts'

export interface PixelArray {
  samples: Uint8Array
  /** Known if the array was nested. */
  shape: ImageShape | undefined
}

/** `pixels` of a JSON body, flat or nested [h][w] or [h][w][c] -> samples. Throws 400 and 422. */
export function flattenPixels(pixels: unknown[]): PixelArray {
  if (!Array.isArray(pixels[0])) return { samples: readSamples(pixels), shape: undefined }
  const rows = pixels as unknown[][]
  const width = rows[0].length
  const channels = Array.isArray(rows[0][0]) ? (rows[0][0] as unknown[]).length : 1
  if (channels !== 1 && channels !== 3)
    throw new Problem('wrong-shape', `pixels: an image has 1 or 3 channels, this one has ${channels}`)
  const flatRows = rows.map((row, y) =>
    flattenRow(row, y, width, Array.isArray(rows[0][0]) ? channels : undefined),
  )
  return { samples: readSamples(flatRows.flat()), shape: { height: rows.length, width, channels } }
}

/** One row, [w] or [w][c] -> [w * c]. */
function flattenRow(row: unknown, y: number, width: number, channels: number | undefined): unknown[] {
  if (!Array.isArray(row)) throw new Problem('malformed', `pixels[${y}]: expected a row like the first one`)
  if (row.length !== width)
    throw new Problem('wrong-shape', `pixels[${y}] has ${row.length} pixels, the first row has ${width}`)
  if (channels === undefined) return row
  for (const [x, pixel] of row.entries()) {
    if (!Array.isArray(pixel))
      throw new Problem('malformed', `pixels[${y}][${x}]: expected a list of channels`)
    if (pixel.length !== channels)
      throw new Problem(
        'wrong-shape',
        `pixels[${y}][${x}] has ${pixel.length} channels, the first has ${channels}`,
      )
  }
  return row.flat()
}

function readSamples(values: unknown[]): Uint8Array {
  const samples = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    // Storing anything but a number converts it to a string first, which overflows the stack for a deeply nested array.
    if (typeof value === 'number') samples[i] = value
    if (samples[i] !== value)
      throw new Problem('malformed', `pixels: sample ${i} is not an integer from 0 to 255`)
  }
  return samples
}
