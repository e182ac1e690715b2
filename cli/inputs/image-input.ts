/** The bytes of an image -> samples of exactly a model's shape, by the service's rules. */

import type { ModelDirectory } from '../../node/model-directory.ts'
import { openImage } from '../../node/open-image.ts'
import { chooseModel } from '../../shared/choose-model.ts'
import { sampleCount } from '../../shared/manifest.ts'
import type { ModelStore } from './model-store.ts'

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
  const image = await openImage(bytes)
  if (!image) return rawImage(bytes, store, named)
  const chosen = named ?? (await chooseModel(image.shape, store, image.samplesAs))
  const samples = await image.samplesAs(chosen.manifest.input)
  return { chosen, samples, width: image.shape.width, height: image.shape.height }
}

/** Raw 8-bit samples, exactly as many as the model takes. */
function rawImage(bytes: Uint8Array, store: ModelStore, named?: ModelDirectory): ImageInput {
  const chosen = named ?? store.preferred(({ input }) => sampleCount(input) === bytes.length)
  if (!chosen || sampleCount(chosen.manifest.input) !== bytes.length) {
    const expected = named ? sampleCount(named.manifest.input) : "a model's number of samples"
    throw new Error(
      `no image format known here, nor raw samples: got ${bytes.length} bytes, expected ${expected}`,
    )
  }
  const { width, height } = chosen.manifest.input
  return { chosen, samples: bytes, width, height }
}
