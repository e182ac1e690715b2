/** Pixels that a program holds -> samples of a model's shape. */
import type { ImageInput } from '../cli/inputs/image-input.ts'
import type { ModelDirectory } from '../node/model-directory.ts'
import { areaAverage, toChannels } from '../shared/images/resize.ts'
import type { Pixels } from './types.ts'

export function fitPixels(pixels: Pixels, chosen: ModelDirectory): ImageInput {
  const { width, height } = pixels
  const { data, channels } = onWhite(checked(pixels))
  const { input } = chosen.manifest
  const samples = areaAverage(toChannels(data, channels, input.channels), { ...input, width, height }, input)
  return { chosen, samples, width, height }
}

function checked({ data, width, height, channels = 4 }: Pixels): Required<Pixels> {
  const isSide = (side: number) => Number.isInteger(side) && side > 0
  if (!isSide(width) || !isSide(height))
    throw new RangeError(`expected a width and a height of at least 1 pixel, got ${width} x ${height}`)
  if (![1, 3, 4].includes(channels)) throw new RangeError(`expected 1, 3 or 4 channels, got ${channels}`)
  const expected = width * height * channels
  if (data.length !== expected)
    throw new RangeError(
      `${width} x ${height} pixels of ${channels} channels are ${expected} samples, got ${data.length}`,
    )
  return { data, width, height, channels }
}

function onWhite({ data, channels }: Required<Pixels>): { data: Uint8Array; channels: 1 | 3 } {
  if (channels !== 4) return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), channels }
  const rgb = new Uint8Array((data.length / 4) * 3)
  for (let i = 0, o = 0; i < data.length; i += 4)
    for (let c = 0; c < 3; c++) {
      const alpha = data[i + 3]
      rgb[o++] = Math.round((data[i + c] * alpha + 255 * (255 - alpha)) / 255)
    }
  return { data: rgb, channels: 3 }
}
