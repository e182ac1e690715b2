import type { ImageRow } from './rows.ts'
import type { StoredImage } from './schemas.ts'

/** A row as clients get it: the code and its figures, or the problem. */
export function storedImage(bucket: string, row: ImageRow): StoredImage {
  const { key, etag, at, code, width, height, model, bytes, mse, in_distribution, error } = row
  if (error !== null) return { bucket, key, etag, at, error: JSON.parse(error) }
  const size = { width: width!, height: height! }
  const figures = { model: model!, bytes: bytes!, mse: mse!, inDistribution: in_distribution === 1 }
  return { bucket, key, etag, at, code: code!, ...size, ...figures }
}
