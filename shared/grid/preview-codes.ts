/** The preview of a long code by any model of the codec: a small picture, brought to the size that the lowest level asks for. */
import { type Compressed, compress, decompress } from '../codec/codec.ts'
import { UnreachableRateError } from '../codec/errors.ts'
import type { Model, ModelRegistry } from '../codec/model.ts'
import { upscale } from '../images/upscale.ts'
import type { PreviewReader, Size } from './grid-code.ts'
import { MOST_PREVIEW_BYTES, PREVIEW_BYTES } from './grid-container.ts'

export const previewReader =
  (models: ModelRegistry): PreviewReader =>
  (previewCode) => {
    const { model, samples } = decompress(models, previewCode)
    return (width, height) => upscale(samples, model.manifest.input, width, height)
  }

/**
 * samples: of the model's input. The finest level with few enough bytes; the coarsest one if there is none. Throws
 * UnreachableRateError if a long code can't begin with that.
 */
export function compressPreview(model: Model, samples: Uint8Array, { width, height }: Size): Compressed {
  try {
    return compress(model, samples, { maxBytes: PREVIEW_BYTES, width, height })
  } catch (error) {
    if (!(error instanceof UnreachableRateError)) throw error
    const coarsest = compress(model, samples, { level: 0, width, height })
    if (coarsest.code.length > MOST_PREVIEW_BYTES) throw error
    return coarsest
  }
}
