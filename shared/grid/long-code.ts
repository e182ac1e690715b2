/** Images to long codes, in the service and the CLI, if more bytes are allowed than a preview takes. */

import type { CompressOptions } from '../codec/codec.ts'
import type { CompressResponse } from '../codec/compress-response.ts'
import { toBase64Url } from '../codec/container/base64url.ts'
import type { Model } from '../codec/model.ts'
import { ssim } from '../images/metrics.ts'
import { areaAverage } from '../images/resize.ts'
import { compressGrid, type GridCompressed, headOf, type Size } from './grid-code.ts'
import type { LoadedGridModel } from './grid-model.ts'
import type { Picture as GridImage } from './pictures.ts'
import { compressPreview, previewReader } from './preview-codes.ts'

/** The length of a long code if only `model=grid` was asked for. */
const DEFAULT_BYTES = 1024

export interface LongCode extends GridCompressed {
  image: GridImage
  original: Size
  previewCode: Uint8Array
  inDistribution: boolean
  model: string
}

/** `model` makes the preview, and has all its levels; `image`: the original at codedSize(original, scale). */
export function compressLong(
  grid: LoadedGridModel,
  model: Model,
  { image, original, scale }: { image: GridImage; original: Size; scale: number },
  { maxBytes, targetPsnrDb }: CompressOptions,
): LongCode {
  const small = areaAverage(image.samples, { ...image, channels: 3 }, model.manifest.input)
  const preview = compressPreview(model, small, original)
  const bounds =
    maxBytes === undefined && targetPsnrDb === undefined
      ? { maxBytes: DEFAULT_BYTES }
      : { maxBytes, targetPsnrDb }
  const request = { ...bounds, original, picture: image, scale, previewCode: preview.code }
  const compressed = compressGrid(grid, previewReader({ byId: () => model }), request)
  const { inDistribution } = preview
  return {
    ...compressed,
    image,
    original,
    previewCode: preview.code,
    inDistribution,
    model: grid.name,
  }
}

export function longResponse(result: LongCode, withLatent: boolean): CompressResponse {
  const { code, image, original, previewCode, mse, psnrDb, inDistribution, decoded } = result
  const header = headOf(code, previewCode)
  const pixels = image.width * image.height
  return {
    code: toBase64Url(code),
    ...(withLatent && { latent: [...decoded.latent()] }),
    model: result.model,
    ...original,
    transparency: false,
    bytes: { total: code.length, header, payload: code.length - header },
    bitsPerPixel: (8 * code.length) / pixels,
    ratio: (3 * pixels) / code.length,
    error: { mse, psnrDb, ssim: ssim(image.samples, decoded.picture.samples, { ...image, channels: 3 }) },
    inDistribution,
  }
}
