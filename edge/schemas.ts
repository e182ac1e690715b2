/** Schemas of requests and responses: requests are checked against them at run time, and OpenAPI is made from them. */
import * as v from 'valibot'
import type { CompressResponse as CompressResponseType } from '../shared/codec/compress-response.ts'

/** Far more than any encoder outputs; beyond it float32 sums could overflow inside a decoder. */
const MAX_LATENT = 1e6

export const wholeNumber = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, 'expected a whole number'),
    v.transform(Number),
    v.minValue(1, 'expected at least 1'),
    v.description(description),
  )

export const CompressQuery = v.object({
  model: v.optional(
    v.pipe(
      v.string(),
      v.description('Name or id. Default: the model with exactly the image’s shape, else the default model.'),
    ),
  ),
  maxBytes: v.optional(wholeNumber('The code has at most this many bytes, everything included.')),
  targetPsnr: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,3}(\.\d{1,9})?$/, 'expected a number of decibels such as 24.5'),
      v.transform(Number),
      v.description('The reconstruction has at least this many decibels.'),
    ),
  ),
  latent: v.optional(
    v.pipe(v.picklist(['1'], 'expected 1'), v.description('Responses for long codes include the latents.')),
  ),
})
export type CompressQuery = v.InferOutput<typeof CompressQuery>

export const RenderQuery = v.object({
  width: v.optional(
    wholeNumber('Width of the picture in pixels; its height follows from the original’s aspect ratio.'),
  ),
  size: v.optional(
    v.pipe(
      v.picklist(['original'], 'expected `original`'),
      v.description('The picture in the original image’s size.'),
    ),
  ),
})
export type RenderQuery = v.InferOutput<typeof RenderQuery>

const Sample = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))
/** Only for OpenAPI: flattenPixels checks samples many times faster than a schema would. */
export const Pixels = v.union([
  v.pipe(v.array(Sample), v.description('Row-major [h, w, c], flat.')),
  v.pipe(v.array(v.array(Sample)), v.description('[h][w], grey.')),
  v.pipe(v.array(v.array(v.array(Sample))), v.description('[h][w][c].')),
])

export const PixelsBody = v.object({
  pixels: v.custom<unknown[]>(Array.isArray, 'expected an array of samples from 0 to 255'),
})

export const CodeBody = v.object({
  code: v.pipe(v.string(), v.maxLength(900_000), v.description('The code, base64url without padding.')),
})
export const LatentBody = v.object({
  latent: v.pipe(
    v.array(v.pipe(v.number(), v.minValue(-MAX_LATENT), v.maxValue(MAX_LATENT))),
    v.description('What the decoder gets: as many numbers as the model’s `latent` says.'),
  ),
  model: v.pipe(v.string(), v.description('Name or id of the model that decodes it.')),
})

const Count = v.pipe(v.number(), v.integer())
const Size = { width: Count, height: Count }
const Distortion = { mse: v.number(), psnrDb: v.number() }
const Channels = v.picklist([1, 3])

export const CompressResponse = v.object({
  code: v.pipe(v.string(), v.description('The code, base64url without padding.')),
  latent: v.optional(
    v.pipe(v.array(v.number()), v.description('What the decoder gets; for a long code only on request.')),
  ),
  model: v.string(),
  ...Size,
  transparency: v.pipe(
    v.boolean(),
    v.description(
      'The code keeps the image’s transparency: previews do. Other codes hold the image on white.',
    ),
  ),
  bytes: v.object({ total: Count, header: Count, payload: Count }),
  bitsPerPixel: v.pipe(v.number(), v.description('Bits of the code for each pixel of the model’s input.')),
  ratio: v.pipe(v.number(), v.description('8-bit samples of the model’s input for each byte of the code.')),
  error: v.pipe(
    v.object({ ...Distortion, ssim: v.number() }),
    v.description('Between the model’s input and what /decompress returns, samples on [0, 1].'),
  ),
  inDistribution: v.pipe(
    v.boolean(),
    v.description('False: the image is unlike those the model was trained on.'),
  ),
}) satisfies v.GenericSchema<CompressResponseType>
export type CompressResponse = CompressResponseType

export const DecompressResponse = v.object({
  pixels: v.pipe(v.array(Sample), v.description('8-bit samples, row-major [h, w, c], flat.')),
  ...Size,
  channels: v.pipe(
    v.picklist([1, 3, 4]),
    v.description('4: a preview with transparency, not premultiplied.'),
  ),
  model: v.string(),
  original: v.pipe(v.object(Size), v.description('Size of the image that was compressed.')),
  storedError: v.optional(
    v.pipe(
      v.object(Distortion),
      v.description('The error that /compress measured, rounded to half a decibel.'),
    ),
  ),
  error: v.optional(
    v.pipe(
      v.object({ ...Distortion, ssim: v.number() }),
      v.description('Against the original, if one was sent.'),
    ),
  ),
  beginning: v.optional(
    v.pipe(
      v.object({ bytes: Count, totalBytes: Count }),
      v.description('The code was cut: how many bytes there are, and how many the whole one has.'),
    ),
  ),
})
export type DecompressResponse = v.InferOutput<typeof DecompressResponse>

export const ModelSummary = v.object({
  name: v.string(),
  id: v.pipe(v.string(), v.description('The id in the model’s codes; 4 hexadecimal digits.')),
  created: v.string(),
  input: v.object({ ...Size, channels: Channels }),
  latent: Count,
  defaultLevel: Count,
  levels: v.array(v.object({ meanBytes: v.number(), psnrDb: v.number() })),
})
export type ModelSummary = v.InferOutput<typeof ModelSummary>

export const GridSummary = v.object({
  name: v.string(),
  number: v.pipe(Count, v.description('The number in its long codes, 0 to 63.')),
  created: v.string(),
})

export const ModelList = v.object({
  models: v.array(ModelSummary),
  default: v.string(),
  longCodes: v.pipe(v.array(GridSummary), v.description('For codes beyond a preview, the newest first.')),
})
export type ModelList = v.InferOutput<typeof ModelList>

export const ModelHealth = v.object({
  name: v.string(),
  id: v.string(),
  ok: v.boolean(),
  detail: v.optional(v.string()),
})
export type ModelHealth = v.InferOutput<typeof ModelHealth>

export const HealthResponse = v.object({ status: v.picklist(['ok']), models: v.array(ModelHealth) })
export type HealthResponse = v.InferOutput<typeof HealthResponse>

export const ProblemBody = v.object({
  type: v.string(),
  title: v.string(),
  status: Count,
  detail: v.string(),
  requestId: v.string(),
})
