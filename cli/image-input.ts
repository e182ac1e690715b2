/** An image file -> samples of exactly a model's shape, by the service's own decoders, rules and resampling. */
import { decodeImage, readImageHeader } from '../edge/images/decode-image.ts'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { areaAverage } from '../shared/resize.ts'
import { sniffImageType } from './image-type.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { ModelStore } from './model-store.ts'

/** A bound on memory, not a policy as in the service. */
const LIMITS = { maxPixels: 2 ** 28 }

export interface ImageInput {
  chosen: ModelDirectory
  /** [h, w, c] of the model. */
  samples: Uint8Array
  /** Of the image in the file, in pixels. */
  width: number
  height: number
}

/** `named`: the model asked for; without it the model of exactly the image's shape, else the default. */
export async function readImage(
  bytes: Uint8Array,
  store: ModelStore,
  named?: ModelDirectory,
): Promise<ImageInput> {
  const type = sniffImageType(bytes)
  if (type === undefined) return (await otherImage(bytes, store, named)) ?? rawImage(bytes, store, named)
  const decoded = (shape: ImageShape) => decodeImage(bytes, type, shape, LIMITS)
  const header = readImageHeader(bytes, type, LIMITS)
  const chosen = named ?? (await chooseModel(store, header, async (shape) => (await decoded(shape)).samples))
  return { chosen, ...(await decoded(chosen.manifest.input)) }
}

/** The model of exactly this shape; a colour image without any colour may be a grey model's; else the default. */
export async function chooseModel(
  store: ModelStore,
  { height, width, channels }: ImageShape,
  decode: (shape: ImageShape) => Promise<Uint8Array>,
): Promise<ModelDirectory> {
  const exact = store.withShape({ height, width, channels })
  if (exact) return exact
  const grey = channels === 3 ? store.withShape({ height, width, channels: 1 }) : undefined
  if (grey && isGrey(await decode({ height, width, channels: 3 }))) return grey
  return store.default
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  return true
}

/** GIF, AVIF, TIFF, SVG: what the service does not read, sharp does; upright, on white. */
async function otherImage(bytes: Uint8Array, store: ModelStore, named?: ModelDirectory) {
  const { default: sharp } = await import('sharp')
  const image = sharp(bytes, { limitInputPixels: LIMITS.maxPixels })
    .autoOrient()
    .flatten({ background: 'white' })
  const raw = await image
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined)
  if (!raw) return undefined
  const shape = { height: raw.info.height, width: raw.info.width, channels: raw.info.channels as 1 | 3 }
  const squash = (to: ImageShape) => areaAverage(raw.data, shape, to)
  const chosen = named ?? (await chooseModel(store, shape, async (to) => squash(to)))
  return { chosen, samples: squash(chosen.manifest.input), width: shape.width, height: shape.height }
}

/** Raw 8-bit samples, exactly as many as the model takes. */
function rawImage(bytes: Uint8Array, store: ModelStore, named?: ModelDirectory): ImageInput {
  const fits = ({ manifest }: ModelDirectory) => sampleCount(manifest.input) === bytes.length
  const chosen = named ?? store.preferred((manifest) => sampleCount(manifest.input) === bytes.length)
  if (!chosen || !fits(chosen)) {
    const counts = named ? String(sampleCount(named.manifest.input)) : "a model's number of samples"
    throw new Error(
      `no image format that is known here, and not raw samples: ${bytes.length} bytes, not ${counts}`,
    )
  }
  const { width, height } = chosen.manifest.input
  return { chosen, samples: bytes, width, height }
}
