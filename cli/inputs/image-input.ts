/** An image's bytes -> samples of exactly a model's shape, by the service's rules. */

import type { ModelDirectory } from '../../node/model-directory.ts'
import { openImage } from '../../node/open-image.ts'
import { chooseModel } from '../../shared/choose-model.ts'
import { codedSize, scaleFor } from '../../shared/grid/grid-code.ts'
import type { Picture as GridImage } from '../../shared/grid/pictures.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { previewInput } from '../../shared/preview/encoder/fill-transparent.ts'
import type { ModelStore } from './model-store.ts'

export interface ImageInput {
  chosen: ModelDirectory
  /** [h, w, c] of the model. */
  samples: Uint8Array
  /** Transparency at that size, if the image has any and the model keeps it. [h, w] */
  alpha?: Uint8Array
  /** Size of the image in the file, in pixels. */
  width: number
  height: number
  /** Reads it at the size of a long code; absent for raw samples, and if the image is too long and thin. */
  coded?: () => Promise<{ image: GridImage; scale: number }>
}

/** `named`: the requested model; undefined: the model of exactly the image's shape, else the default. */
export async function readImage(
  bytes: Uint8Array,
  store: ModelStore,
  named?: ModelDirectory,
): Promise<ImageInput> {
  const image = await openImage(bytes)
  if (!image) return rawImage(bytes, store, named)
  const chosen = named ?? (await chooseModel(image.shape, store, image.samplesAs))
  const { input, isPreview } = chosen.manifest
  const pixels = isPreview
    ? previewInput(await image.withAlpha(input), input)
    : { samples: await image.samplesAs(input) }
  const { width, height } = image.shape
  const scale = scaleFor(image.shape)
  if (scale === undefined) return { chosen, ...pixels, width, height }
  const coded = async () => {
    const size = codedSize({ width, height }, scale)
    return { image: { ...size, samples: await image.samplesAs({ ...size, channels: 3 }) }, scale }
  }
  return { chosen, ...pixels, width, height, coded }
}

/** Raw 8-bit samples, exactly as many as the model takes. */
function rawImage(bytes: Uint8Array, store: ModelStore, named?: ModelDirectory): ImageInput {
  const chosen = named ?? store.preferred(({ input }) => sampleCount(input) === bytes.length)
  if (!chosen || sampleCount(chosen.manifest.input) !== bytes.length) {
    const expected = named ? sampleCount(named.manifest.input) : "a model's number of samples"
    throw new Error(
      `neither a known image format nor raw samples: got ${bytes.length} bytes, expected ${expected}`,
    )
  }
  const { width, height } = chosen.manifest.input
  return { chosen, samples: bytes, width, height }
}
