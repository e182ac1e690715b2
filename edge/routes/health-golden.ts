import { type ImageShape, sampleCount } from '../../shared/manifest.ts'

/** A picture of any shape that needs no file: a disc on a gradient. 8-bit samples [h, w, c]. */
export function healthImage(shape: ImageShape): Uint8Array {
  const { height, width, channels } = shape
  const samples = new Uint8Array(sampleCount(shape))
  const radius = Math.min(height, width) / 3
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isDisc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < radius ** 2
      for (let channel = 0; channel < channels; channel++)
        samples[i++] = isDisc ? 230 - 60 * channel : Math.floor((60 * (x + y)) / (width + height))
    }
  return samples
}

/** For long codes: of two levels. */
const LONG_SHAPE: ImageShape = { height: 36, width: 132, channels: 3 }
const { height, width } = LONG_SHAPE
export const HEALTH_PICTURE = {
  image: { width, height, samples: healthImage(LONG_SHAPE) },
  ...{ original: { width, height }, scale: 0 },
}

/** Among the ids of models of 64 numbers. */
export const gridGoldenKey = (number: number) => `grid ${number}`

/** What Node produced for each model when the assets were built, by model id or gridGoldenKey(); base64url. */
export type Goldens = Record<string, { code: string; samples: string }>
