/** Images to long codes: where a request allows more bytes than a preview takes, or asks for `model=grid`. */

import { toBase64Url } from '../../shared/codec/base64url.ts'
import { type CompressOptions, compressBatch } from '../../shared/codec/codec.ts'
import type { CompressResponse } from '../../shared/codec/compress-response.ts'
import { UnreachableRateError } from '../../shared/codec/errors.ts'
import {
  compressGrid,
  type GridCompressed,
  headOf,
  leastGridBytes,
  type Size,
} from '../../shared/grid/grid-code.ts'
import type { LoadedGridModel } from '../../shared/grid/grid-model.ts'
import type { Picture as GridImage } from '../../shared/grid/pictures.ts'
import { PREVIEW_BYTES, previewReader } from '../../shared/grid/preview-codes.ts'
import { ssim } from '../../shared/images/metrics.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import type { Models } from '../models/models.ts'

/** From here on a code has room for more than its preview. */
export const LEAST_GRID_BYTES = leastGridBytes(PREVIEW_BYTES)
/** Of a long code for which nothing was asked but `model=grid`. */
const DEFAULT_BYTES = 1024

export interface GridResult extends GridCompressed {
  image: GridImage
  original: Size
  previewBytes: number
  inDistribution: boolean
  model: string
}

/** `image`: the original at codedSize(original, scale). */
export async function compressToGrid(
  models: Models,
  grid: LoadedGridModel,
  { image, original, scale }: { image: GridImage; original: Size; scale: number },
  { maxBytes, targetPsnrDb }: CompressOptions,
): Promise<GridResult> {
  const { default: manifest } = models
  const model = await models.loadComplete(manifest)
  const small = areaAverage(image.samples, { ...image, channels: 3 }, manifest.input)
  const [preview] = compressBatch(model, [small], { maxBytes: PREVIEW_BYTES, ...original })
  const bounds =
    maxBytes === undefined && targetPsnrDb === undefined
      ? { maxBytes: DEFAULT_BYTES }
      : { maxBytes, targetPsnrDb }
  const request = { ...bounds, original, picture: image, scale, previewCode: preview!.code }
  const compressed = compressGrid(grid, previewReader(models), request)
  if (targetPsnrDb !== undefined && compressed.psnrDb < targetPsnrDb)
    throw new UnreachableRateError(
      `the finest code of this image has ${compressed.psnrDb.toFixed(2)} dB, less than the ${targetPsnrDb} asked for`,
      { highestPsnrDb: compressed.psnrDb },
    )
  const { inDistribution } = preview!
  return {
    ...compressed,
    image,
    original,
    previewBytes: preview!.code.length,
    inDistribution,
    model: grid.name,
  }
}

export function gridResponse(result: GridResult, withLatent: boolean): CompressResponse {
  const { code, image, original, previewBytes, mse, psnrDb, inDistribution, decoded } = result
  const header = headOf(code, previewBytes)
  const pixels = image.width * image.height
  return {
    code: toBase64Url(code),
    ...(withLatent && { latent: [...decoded.latent()] }),
    model: result.model,
    ...original,
    bytes: { total: code.length, header, payload: code.length - header },
    bitsPerPixel: (8 * code.length) / pixels,
    ratio: (3 * pixels) / code.length,
    error: { mse, psnrDb, ssim: ssim(image.samples, decoded.picture.samples, { ...image, channels: 3 }) },
    inDistribution,
  }
}
