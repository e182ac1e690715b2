/** One object's bytes -> the code and figures of its row, with the same inputs, model and bounds as POST /compress. */

import { compress } from '../../shared/codec/codec.ts'
import { toBase64Url } from '../../shared/codec/container/base64url.ts'
import { RAW_TYPE } from '../http/media-type.ts'
import type { Models } from '../models/models.ts'
import { ImageReader } from '../routes/image-reader.ts'
import type { Settings } from '../settings.ts'
import type { BucketSettings } from './bucket-settings.ts'
import type { ImageRow } from './images/rows.ts'
import type { ObjectBytes } from './read-object.ts'

export type CodeColumns = Pick<
  ImageRow,
  'code' | 'width' | 'height' | 'model' | 'bytes' | 'mse' | 'in_distribution'
>

export const NO_CODE: CodeColumns = {
  ...{ code: null, width: null, height: null, model: null, bytes: null, mse: null, in_distribution: null },
}

export async function compressObject(
  models: Models,
  { bytes, type }: ObjectBytes,
  { model: name, maxBytes, targetPsnr }: BucketSettings,
  { maxPixels, maxWork }: Settings,
): Promise<CodeColumns> {
  const reader = new ImageReader(models, { maxPixels, maxWork, charge: () => undefined })
  const [image] = await reader.read([{ bytes, type: type ?? RAW_TYPE, model: name }])
  const { manifest, samples, width, height, alpha } = image
  const isBounded = maxBytes !== undefined || targetPsnr !== undefined
  const model = await (isBounded ? models.loadComplete(manifest) : models.load(manifest))
  const compressed = compress(model, samples, {
    ...{ maxBytes, targetPsnrDb: targetPsnr, width, height, alpha },
  })
  return {
    code: toBase64Url(compressed.code),
    ...{ width, height, model: manifest.name, bytes: compressed.bytes.total, mse: compressed.mse },
    in_distribution: Number(compressed.inDistribution),
  }
}
