/** The preview of a long code by any model of the codec: a small picture, brought to the size that the lowest level asks for. */
import { type Compressed, compress, decompress } from '../codec/codec.ts'
import { UnreachableRateError } from '../codec/errors.ts'
import type { Model, ModelRegistry } from '../codec/model.ts'
import { upscale } from '../images/upscale.ts'
import type { PreviewReader, Size } from './grid-code.ts'

/** The finest rate level with at most this many bytes: further bytes buy more in the levels above. */
export const PREVIEW_BYTES = 20

export const previewReader =
  (models: ModelRegistry): PreviewReader =>
  (previewCode) => {
    const { model, samples } = decompress(models, previewCode)
    return (width, height) => upscale(samples, model.manifest.input, width, height)
  }

/** samples: of the model's input. The coarsest level if no level has so few bytes. */
export function compressPreview(model: Model, samples: Uint8Array, { width, height }: Size): Compressed {
  try {
    return compress(model, samples, { maxBytes: PREVIEW_BYTES, width, height })
  } catch (error) {
    if (!(error instanceof UnreachableRateError)) throw error
    return compress(model, samples, { level: 0, width, height })
  }
}
