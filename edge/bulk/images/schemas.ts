/** What GET /images and GET /images/{key} take and return. */
import * as v from 'valibot'
import { ProblemBody, wholeNumber } from '../../schemas.ts'

const MAX_PAGE = 1000
export const DEFAULT_PAGE = 100
/** The most keys in one request. */
export const MAX_KEYS = 100

const Bucket = v.optional(
  v.pipe(v.string(), v.description('Default: the only bucket for which the service has settings.')),
)

export const ImageQuery = v.object({ bucket: Bucket })
export const ImagesQuery = v.object({
  bucket: Bucket,
  prefix: v.optional(v.pipe(v.string(), v.description('Only keys that begin with this.'))),
  cursor: v.optional(v.pipe(v.string(), v.description('From the previous page.'))),
  limit: v.optional(
    v.pipe(
      wholeNumber(`Images per page, at most ${MAX_PAGE}; default ${DEFAULT_PAGE}.`),
      v.maxValue(MAX_PAGE, `expected at most ${MAX_PAGE}`),
    ),
  ),
})
export type ImagesQuery = v.InferOutput<typeof ImagesQuery>

const Count = v.pipe(v.number(), v.integer())
const { type, title, status, detail } = ProblemBody.entries

export const StoredImage = v.object({
  bucket: v.string(),
  key: v.string(),
  etag: v.pipe(v.string(), v.description('The ETag of the object that was read.')),
  at: v.pipe(v.string(), v.description('When it was compressed, ISO 8601.')),
  code: v.optional(
    v.pipe(v.string(), v.description('base64url without padding. Absent if there is an error.')),
  ),
  width: v.optional(Count),
  height: v.optional(Count),
  model: v.optional(v.string()),
  bytes: v.optional(v.pipe(Count, v.description('Length of the code.'))),
  mse: v.optional(v.number()),
  inDistribution: v.optional(v.boolean()),
  error: v.optional(
    v.pipe(
      v.looseObject({ type, title, status, detail }),
      v.description('The problem (RFC 9457) because of which the object has no code.'),
    ),
  ),
})
export type StoredImage = v.InferOutput<typeof StoredImage>

export const StoredImages = v.object({
  images: v.pipe(v.array(StoredImage), v.description('Sorted by key.')),
  cursor: v.optional(v.pipe(v.string(), v.description('For the next page; absent after the last.'))),
})
export type StoredImages = v.InferOutput<typeof StoredImages>
