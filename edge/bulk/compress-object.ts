/** One object's bytes to what its row says of it: the same inputs, model and bounds as POST /compress. */
import { toBase64Url } from '../../shared/codec/base64url.ts'
import { compress } from '../../shared/codec/codec.ts'
import type { Models } from '../models/models.ts'
import { fileInput, rawInput } from '../routes/image-input.ts'
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
  settings: Settings,
): Promise<CodeColumns> {
  const { manifest, samples, width, height } =
    type === undefined ? rawInput(models, bytes, name) : await fileInput(models, bytes, type, name, settings)
  const isBounded = maxBytes !== undefined || targetPsnr !== undefined
  const model = await (isBounded ? models.loadComplete(manifest) : models.load(manifest))
  const compressed = compress(model, samples, { maxBytes, targetPsnrDb: targetPsnr, width, height })
  return {
    code: toBase64Url(compressed.code),
    ...{ width, height, model: manifest.name, bytes: compressed.bytes.total, mse: compressed.mse },
    in_distribution: Number(compressed.inDistribution),
  }
}
