/** What results/*.json hold. `npm run plots` writes the JSON Schema of this file to results/schema.json. */
import * as v from 'valibot'

const positive = v.pipe(v.number(), v.minValue(0))
const count = v.pipe(v.number(), v.integer(), v.minValue(1))

const BytesSchema = v.object({
  total: positive,
  header: v.optional(positive),
  payload: v.optional(positive),
})

/** Means over the images of a set, except PSNR, which is that of the mean squared error. */
const PointSchema = v.object({
  codec: v.string(),
  /** The requested quality, level or size. */
  setting: v.string(),
  images: count,
  bytes: BytesSchema,
  bitsPerPixel: positive,
  /** On [0, 1] samples, 8-bit in and out. */
  mse: positive,
  psnrDb: v.number(),
  ssim: v.number(),
  /** PSNR of Y, and of Cb and Cr together (BT.601, full range); colour images only. */
  lumaPsnrDb: v.optional(v.number()),
  chromaPsnrDb: v.optional(v.number()),
  /** Medians, one image at a time. */
  encodeMicroseconds: v.optional(positive),
  decodeMicroseconds: v.optional(positive),
})
export type Point = v.InferOutput<typeof PointSchema>

const ComparisonSchema = v.object({
  codec: v.string(),
  note: v.optional(v.string()),
  /** Latent64's bytes against this codec's at equal PSNR, from..to (PCHIP over log rate); null: none both reach. */
  bdRate: v.nullable(v.object({ percent: v.number(), fromDb: v.number(), toDb: v.number() })),
  points: v.array(
    v.object({
      setting: v.string(),
      bytes: positive,
      psnrDb: v.number(),
      /** Interpolated on Latent64's curve; null outside of it. */
      latent64BytesAtEqualPsnr: v.nullable(positive),
      latent64PsnrDbAtEqualBytes: v.nullable(v.number()),
    }),
  ),
})
export type Comparison = v.InferOutput<typeof ComparisonSchema>

const ShapeSchema = v.object({ height: count, width: count, channels: v.picklist([1, 3]) })

const DataSchema = v.object({
  name: v.string(),
  images: count,
  shape: ShapeSchema,
  /** SHA-256 over all samples, the first 16 hexadecimal digits. */
  digest: v.string(),
})

const ModelSchema = v.object({
  name: v.string(),
  id: v.string(),
  /** Size of weights and tables on disk. */
  weightBytes: count,
  /** Multiplications and additions of encoder and decoder for an image. */
  macs: count,
})

const RateDistortionSchema = v.object({
  format: v.literal(1),
  kind: v.literal('rate-distortion'),
  data: DataSchema,
  model: v.optional(ModelSchema),
  /** The library versions that made the numbers. */
  software: v.record(v.string(), v.string()),
  points: v.array(PointSchema),
  comparisons: v.optional(v.array(ComparisonSchema)),
})
export type RateDistortion = v.InferOutput<typeof RateDistortionSchema>

const CaughtSchema = v.object({
  name: v.string(),
  images: count,
  /** Share caught at each of the false alarm rates. */
  caught: v.array(positive),
  /** Area under the ROC curve. */
  auc: positive,
})

const OutOfDistributionSchema = v.object({
  format: v.literal(1),
  kind: v.literal('out-of-distribution'),
  model: ModelSchema,
  data: DataSchema,
  level: v.number(),
  /** Shares of the test images that may be called unknown. */
  falseAlarmRates: v.array(positive),
  statistics: v.array(v.object({ name: v.string(), formula: v.string(), sets: v.array(CaughtSchema) })),
  /** What the service responds, with its threshold set on validation images: the share with inDistribution false. */
  shipped: v.array(v.object({ name: v.string(), images: count, flagged: positive })),
})
export type OutOfDistribution = v.InferOutput<typeof OutOfDistributionSchema>

export const ResultSchema = v.variant('kind', [RateDistortionSchema, OutOfDistributionSchema])
