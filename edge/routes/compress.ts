/** POST /compress: an image, or a form of several, to codes. */
import { type Compressed, type CompressOptions, compressBatch } from '../../shared/codec/codec.ts'
import { compressResponse } from '../../shared/codec/compress-response.ts'
import { inParts } from '../http/as-problem.ts'
import { type Body, isForm, readBody } from '../http/body.ts'
import { type FormPart, readForm } from '../http/form.ts'
import {
  CODE_TYPE,
  COMPRESS_TYPES,
  FORM_TYPE,
  JSON_TYPE,
  RAW_TYPE,
  unsupportedType,
} from '../http/media-type.ts'
import { negotiate } from '../http/negotiate.ts'
import { check, parseJson, parseQuery } from '../http/parse.ts'
import { flattenPixels } from '../http/pixels.ts'
import { Problem } from '../http/problem.ts'
import { dataResponse, heldBody } from '../http/response.ts'
import { chargePixels } from '../middleware/rate-limit.ts'
import { withModels } from '../models/isolate.ts'
import type { Models } from '../models/models.ts'
import { CompressQuery, PixelsBody } from '../schemas.ts'
import type { ServiceContext } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { type ImageInput, ImageReader } from './image-reader.ts'

export async function compressRoute(c: ServiceContext): Promise<Response> {
  const isBatch = isForm(c)
  const responseType = negotiate(
    c.req.raw.headers.get('accept'),
    isBatch ? [JSON_TYPE] : [JSON_TYPE, CODE_TYPE],
  )
  const query = parseQuery(CompressQuery, c.req.raw.url)
  const body = await readBody(c)
  const startedMs = performance.now()
  const results = await withModels(c.env, async (models) => {
    const images = await readImages(c, models, body, query.model)
    return compressImages(models, images, { maxBytes: query.maxBytes, targetPsnrDb: query.targetPsnr })
  })
  writeRecord(c, results, startedMs)
  return responseType === CODE_TYPE ? codeResponse(results[0]) : jsonResponse(c, results, isBatch)
}

async function readImages(
  c: ServiceContext,
  models: Models,
  { bytes, type, contentType }: Body,
  model: string | undefined,
): Promise<ImageInput[]> {
  const { maxPixels, maxWork, maxBatch } = settingsOf(c.env)
  const reader = new ImageReader(models, { maxPixels, maxWork, charge: (pixels) => chargePixels(c, pixels) })
  if (type === JSON_TYPE)
    return [reader.readPixels(flattenPixels(check(PixelsBody, parseJson(bytes), 'body').pixels), model)]
  if (type === FORM_TYPE)
    return reader.read(imageParts(bytes, contentType!, maxBatch).map((part) => ({ ...part, model })))
  if (type !== RAW_TYPE && !type.startsWith('image/')) throw unsupportedType(type, COMPRESS_TYPES)
  return reader.read([{ bytes, type, model }])
}

function imageParts(bytes: Uint8Array, contentType: string, maxBatch: number): FormPart[] {
  const parts = readForm(bytes, contentType, ['image'], maxBatch)
  if (parts.length === 0)
    throw new Problem('malformed', 'multipart/form-data: there is no part named `image`')
  return parts
}

interface Result extends Compressed {
  image: ImageInput
}

/** Images of one model go through its networks as one batch. */
async function compressImages(
  models: Models,
  images: ImageInput[],
  bounds: CompressOptions,
): Promise<Result[]> {
  const isBounded = bounds.maxBytes !== undefined || bounds.targetPsnrDb !== undefined
  const results = new Map<ImageInput, Result>()
  for (const manifest of new Set(images.map((image) => image.manifest))) {
    const alike = images.filter((image) => image.manifest === manifest)
    const labels = alike.map((image) =>
      images.length > 1 ? `image ${images.indexOf(image) + 1}` : undefined,
    )
    const model = await (isBounded ? models.loadComplete(manifest) : models.load(manifest))
    const samples = alike.map((image) => image.samples)
    const compressed = inParts(labels, () => compressBatch(model, samples, bounds, alike))
    for (const [i, image] of alike.entries()) results.set(image, { ...compressed[i], image })
  }
  return images.map((image) => results.get(image)!)
}

function writeRecord(c: ServiceContext, results: Result[], startedMs: number): void {
  const record = c.get('record')
  record.codecMs = performance.now() - startedMs
  record.images = results.length
  for (const { bytes } of results) record.codeBytes += bytes.total
  record.model = results[0].image.manifest.name
}

function codeResponse({ code, image, bytes, mse, psnrDb }: Result): Response {
  return dataResponse(code as Uint8Array<ArrayBuffer>, CODE_TYPE, {
    'latent64-model': image.manifest.name,
    'latent64-bytes': String(bytes.total),
    'latent64-mse': String(mse),
    'latent64-psnr': String(psnrDb),
  })
}

function jsonResponse(c: ServiceContext, results: Result[], isBatch: boolean): Response {
  const each = results.map((result) => compressResponse(result.image.manifest, result.image, result))
  return dataResponse(heldBody(c, JSON.stringify(isBatch ? each : each[0])), JSON_TYPE)
}
