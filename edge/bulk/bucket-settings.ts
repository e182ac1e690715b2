/** What wrangler.toml says about each bucket: the binding that reads it, and how its images are compressed. */
import * as v from 'valibot'
import { Problem } from '../http/problem.ts'
import type { Models } from '../models/models.ts'
import type { Bindings } from '../settings.ts'

const Positive = v.pipe(v.number(), v.integer(), v.minValue(1))

export const BucketSettings = v.strictObject({
  /** The binding of the [[r2_buckets]] entry. */
  binding: v.string(),
  /** Name or id. Without it each image gets the model that POST /compress would choose. */
  model: v.optional(v.string()),
  /** As in POST /compress. */
  maxBytes: v.optional(Positive),
  targetPsnr: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(999))),
  /** Images are the keys that begin with this prefix and end with one of these suffixes, in upper or lower case. */
  prefix: v.optional(v.string(), ''),
  suffixes: v.optional(v.array(v.pipe(v.string(), v.minLength(1)))),
})
export type BucketSettings = v.InferOutput<typeof BucketSettings>

const AllBuckets = v.record(v.string(), BucketSettings)

export interface ImageBucket {
  name: string
  settings: BucketSettings
  objects: R2Bucket
}

let cached: { bindings: Bindings; buckets: Map<string, ImageBucket> } | undefined

/** By the bucket's name, as events have it. Throws if BULK_BUCKETS is malformed. */
export function imageBuckets(bindings: Bindings): Map<string, ImageBucket> {
  if (cached?.bindings !== bindings) cached = { bindings, buckets: readBuckets(bindings) }
  return cached.buckets
}

function readBuckets(bindings: Bindings): Map<string, ImageBucket> {
  const given = bindings.BULK_BUCKETS ?? {}
  const parsed = v.safeParse(AllBuckets, typeof given === 'string' ? JSON.parse(given) : given)
  if (!parsed.success) {
    const [{ path, message }] = parsed.issues
    throw new Error(`BULK_BUCKETS, ${path?.map(({ key }) => String(key)).join('.')}: ${message}`)
  }
  const buckets = new Map<string, ImageBucket>()
  for (const [name, settings] of Object.entries(parsed.output)) {
    const objects = (bindings as unknown as Record<string, unknown>)[settings.binding] as R2Bucket | undefined
    if (typeof objects?.get !== 'function')
      throw new Error(`BULK_BUCKETS, ${name}: ${settings.binding} is not a binding of an R2 bucket`)
    buckets.set(name, { name, settings, objects })
  }
  return buckets
}

export function isImageKey(key: string, { prefix, suffixes }: BucketSettings): boolean {
  if (!key.startsWith(prefix)) return false
  const lowerCase = key.toLowerCase()
  return suffixes === undefined || suffixes.some((suffix) => lowerCase.endsWith(suffix.toLowerCase()))
}

/**
 * What a row's code depends on besides its object. If no model is named, the image's shape chooses one of those served,
 * so a new model makes such rows outdated.
 */
export function settingsText({ model, maxBytes, targetPsnr }: BucketSettings, models: Models): string {
  const bounds = [maxBytes && `maxBytes=${maxBytes}`, targetPsnr && `targetPsnr=${targetPsnr}`]
  return [modelText(model, models), ...bounds].filter(Boolean).join(' ')
}

function modelText(model: string | undefined, models: Models): string {
  if (model === undefined) {
    const ids = models.manifests.map(({ id }) => id).toSorted()
    return `${models.manifests.length === 0 ? 'none' : models.default.id} of ${ids.join(',')}`
  }
  try {
    return models.named(model).id
  } catch (error) {
    if (error instanceof Problem) return `${model}, which is not served`
    throw error
  }
}
