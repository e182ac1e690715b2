/** Which model compresses an image if none is named: the service and the CLI both choose here. */
import type { ImageShape } from './manifest.ts'

interface ModelChoice<Choice> {
  /** The model of exactly this shape. */
  withShape(shape: ImageShape): Choice | undefined
  /** For images of any other shape. */
  default: Choice
}

/**
 * The model of exactly the image's shape, else the default. Many programs store a grey picture as RGB, RGBA or with a
 * palette, so a picture of grey pixels only also goes to a grey model of its size.
 */
export async function chooseModel<Choice>(
  shape: ImageShape,
  models: ModelChoice<Choice>,
  samplesAs: (shape: ImageShape) => Promise<Uint8Array>,
): Promise<Choice> {
  const exact = models.withShape(shape)
  if (exact !== undefined) return exact
  const grey = shape.channels === 3 ? models.withShape({ ...shape, channels: 1 }) : undefined
  return grey !== undefined && isGrey(await samplesAs(shape)) ? grey : models.default
}

/** samples: [h, w, 3] */
function isGrey(samples: Uint8Array): boolean {
  for (let i = 0; i < samples.length; i += 3)
    if (samples[i] !== samples[i + 1] || samples[i] !== samples[i + 2]) return false
  return true
}
