/** Pixels that a program holds -> samples of a model's shape. */
import type { ImageInput } from '../cli/inputs/image-input.ts'
import type { ModelDirectory } from '../node/model-directory.ts'
import { codedSize, type Size, scaleFor } from '../shared/grid/grid-code.ts'
import { putOnWhite } from '../shared/images/put-on-white.ts'
import { areaAverage, toChannels } from '../shared/images/resize.ts'
import { withoutAlpha } from '../shared/preview/decoder.ts'
import { previewInput } from '../shared/preview/encoder/fill-transparent.ts'
import type { Pixels } from './types.ts'

export function fitPixels(pixels: Pixels, chosen: ModelDirectory): ImageInput {
  const { width, height } = pixels
  const { data, channels } = checked(pixels)
  const { input, isPreview } = chosen.manifest
  const fit = (each: Uint8Array, from: 1 | 3, to: 1 | 3) =>
    areaAverage(toChannels(each, from, to), { width, height, channels: to }, { ...input, channels: to })
  if (channels !== 4)
    return {
      ...{ chosen, samples: fit(new Uint8Array(data), channels, input.channels), width, height },
      coded: codedOf(new Uint8Array(data), channels, { width, height }),
    }
  const { colours, alphas } = onWhite(data)
  const coded = codedOf(colours, 3, { width, height })
  const samples = fit(colours, 3, input.channels)
  if (!isPreview) return { chosen, samples, width, height, coded }
  return { chosen, ...previewInput({ samples, alpha: fit(alphas, 1, 1) }, input), width, height, coded }
}

/** At the size at which a long code has it; undefined if the picture is too long and thin for one. */
function codedOf(data: Uint8Array, channels: 1 | 3, original: Size): ImageInput['coded'] {
  const scale = scaleFor(original)
  if (scale === undefined) return undefined
  const size = { ...codedSize(original, scale), channels: 3 as const }
  return async () => ({
    image: {
      ...size,
      samples: areaAverage(toChannels(data, channels, 3), { ...original, channels: 3 }, size),
    },
    scale,
  })
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

/** data: RGBA */
function onWhite(data: ArrayLike<number>): { colours: Uint8Array; alphas: Uint8Array } {
  const alphas = Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3])
  const colours = withoutAlpha(data)
  putOnWhite(colours, alphas, alphas.length, 3)
  return { colours, alphas }
}
