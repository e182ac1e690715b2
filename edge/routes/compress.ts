/** POST /compress: an image, or a form of several, to codes. */
import type { Handler, TypedResponse } from 'hono'
import { toBase64Url } from '../../shared/codec/base64url.ts'
import { type Compressed, type CompressOptions, compressBatch } from '../../shared/codec/codec.ts'
import { UnreachableRateError } from '../../shared/codec/errors.ts'
import { ssim } from '../../shared/images/metrics.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { inPart } from '../http/as-problem.ts'
import { isForm, readBody } from '../http/body.ts'
import { CODE_TYPE, JSON_TYPE } from '../http/media-type.ts'
import { negotiate } from '../http/negotiate.ts'
import { parseQuery } from '../http/parse.ts'
import { dataAnswer } from '../http/response.ts'
import { toNumbers } from '../http/to-numbers.ts'
import { withModels } from '../models/isolate.ts'
import type { Models } from '../models/models.ts'
import { type CompressAnswer, CompressQuery } from '../schemas.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { readCompressInput } from './compress-input.ts'
import type { ImageInput } from './image-input.ts'

interface CompressRequest {
  query: { model?: string; maxBytes?: string; targetPsnr?: string }
  json: { pixels: number[] | number[][] | number[][][] }
}
type CompressResponse = Response & TypedResponse<CompressAnswer, 200, 'json'>

/** The types are for the RPC client, which speaks JSON; the other formats are the handler's own affair. */
export const compressRoute: Handler<
  ServiceEnv,
  '/compress',
  { in: CompressRequest; out: CompressRequest },
  Promise<CompressResponse>
> = async (c) => (await compressRequest(c)) as CompressResponse

interface Result extends Compressed {
  image: ImageInput
}

async function compressRequest(c: ServiceContext): Promise<Response> {
  const isBatch = isForm(c)
  const answerType = negotiate(
    c.req.raw.headers.get('accept'),
    isBatch ? [JSON_TYPE] : [JSON_TYPE, CODE_TYPE],
  )
  const query = parseQuery(CompressQuery, c.req.raw.url)
  const body = await readBody(c)
  const record = c.get('record')
  const startedMs = performance.now()
  const results = await withModels(c.env, async (models) => {
    const images = await readCompressInput(models, body, query.model, settingsOf(c.env))
    return compressImages(models, images, { maxBytes: query.maxBytes, targetPsnrDb: query.targetPsnr })
  })
  record.codecMs = performance.now() - startedMs
  record.images = results.length
  for (const { bytes } of results) record.codeBytes += bytes.total
  record.model = results[0]!.image.manifest.name
  return answerType === CODE_TYPE ? codeAnswer(results[0]!) : jsonAnswer(results, isBatch)
}

/** Images of one model go through its networks as one batch. */
async function compressImages(
  models: Models,
  images: ImageInput[],
  bounds: CompressOptions,
): Promise<Result[]> {
  if (images.length === 1) return compressAlike(models, images, bounds)
  const results = new Map<ImageInput, Result>()
  for (const manifest of new Set(images.map((image) => image.manifest))) {
    const alike = images.filter((image) => image.manifest === manifest)
    const named = alike.map((image) => `image ${images.indexOf(image) + 1}`)
    for (const result of await compressAlike(models, alike, bounds, named)) results.set(result.image, result)
  }
  return images.map((image) => results.get(image)!)
}

async function compressAlike(
  models: Models,
  images: ImageInput[],
  bounds: CompressOptions,
  labels?: string[],
): Promise<Result[]> {
  const { manifest } = images[0]!
  const isBounded = bounds.maxBytes !== undefined || bounds.targetPsnrDb !== undefined
  const model = await (isBounded ? models.loadComplete(manifest) : models.load(manifest))
  const samples = images.map((image) => image.samples)
  try {
    return compressBatch(model, samples, bounds, images).map((compressed, i) => ({
      ...compressed,
      image: images[i]!,
    }))
  } catch (error) {
    if (!(error instanceof UnreachableRateError) || labels === undefined) throw error
    for (const [i, one] of samples.entries()) // which one was it?
      try {
        compressBatch(model, [one], bounds, [images[i]!])
      } catch (own) {
        throw inPart(labels[i]!, own)
      }
    throw error
  }
}

function codeAnswer({ code, image, bytes, mse, psnrDb }: Result): Response {
  return dataAnswer(code, CODE_TYPE, {
    'latent64-model': image.manifest.name,
    'latent64-bytes': String(bytes.total),
    'latent64-mse': String(mse),
    'latent64-psnr': String(psnrDb),
  })
}

function jsonAnswer(results: Result[], isBatch: boolean): Response {
  const answers = results.map(describe)
  return dataAnswer(JSON.stringify(isBatch ? answers : answers[0]), JSON_TYPE)
}

function describe({
  image,
  code,
  latent,
  bytes,
  samples,
  mse,
  psnrDb,
  inDistribution,
}: Result): CompressAnswer {
  const { name, input } = image.manifest
  return {
    code: toBase64Url(code),
    latent: toNumbers(latent),
    model: name,
    width: image.width,
    height: image.height,
    bytes,
    bitsPerPixel: (8 * bytes.total) / (input.width * input.height),
    ratio: sampleCount(input) / bytes.total,
    error: { mse, psnrDb, ssim: ssim(image.samples, samples, input) },
    inDistribution,
  }
}
