/** POST /compress: one image, or a form of several -> codes. */
import { type CompressOptions, compressBatch } from '../../shared/codec/codec.ts'
import { compressResponse } from '../../shared/codec/compress-response.ts'
import { UnreachableRateError } from '../../shared/codec/errors.ts'
import { LEAST_GRID_BYTES } from '../../shared/grid/grid-container.ts'
import type { LoadedGridModel } from '../../shared/grid/grid-model.ts'
import { compressLong, longResponse } from '../../shared/grid/long-code.ts'
import { inPart, inParts } from '../http/as-problem.ts'
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
import { type ImageInput, ImageReader, type ImageReaderOptions } from './image-reader.ts'
import { LongCodeBudget } from './long-code-budget.ts'

export async function compressRoute(c: ServiceContext): Promise<Response> {
  const isBatch = isForm(c)
  const responseType = negotiate(
    c.req.raw.headers.get('accept'),
    isBatch ? [JSON_TYPE] : [JSON_TYPE, CODE_TYPE],
  )
  const query = parseQuery(CompressQuery, c.req.raw.url)
  const body = await readBody(c)
  const startedMs = performance.now()
  const bounds = { maxBytes: query.maxBytes, targetPsnrDb: query.targetPsnr }
  const results = await withModels(c.env, async (models) => {
    const grid = await gridFor(models, query)
    const isGrid = grid !== undefined && query.model === grid.name
    const forGrid = grid && {
      images: isGrid ? ('all' as const) : ('default' as const),
      budget: new LongCodeBudget(c),
    }
    const images = await readImages(c, models, body, isGrid ? undefined : query.model, forGrid)
    return compressImages(models, images, bounds, grid, isGrid)
  })
  writeRecord(c, results, startedMs)
  if (responseType === CODE_TYPE) return codeResponse(results[0])
  return jsonResponse(c, results, isBatch, query.latent !== undefined)
}

/** The grid model if the request names it, or allows more bytes or asks for more quality than a preview has. */
async function gridFor(models: Models, query: CompressQuery): Promise<LoadedGridModel | undefined> {
  const { model, maxBytes, targetPsnr } = query
  const asksForMore = maxBytes === undefined ? targetPsnr !== undefined : maxBytes >= LEAST_GRID_BYTES
  const served = models.manifests.find(({ name, id }) => name === model || id === model)
  if (model === undefined || served === models.default) return asksForMore ? models.grids.newest() : undefined
  if (served) return undefined
  const names = (await models.grids.manifests()).map(({ name }) => name)
  return names.includes(model) ? models.grids.newest() : undefined
}

async function readImages(
  c: ServiceContext,
  models: Models,
  { bytes, type, contentType }: Body,
  model: string | undefined,
  forGrid: ImageReaderOptions['forGrid'],
): Promise<ImageInput[]> {
  const { maxPixels, maxWork, maxBatch } = c.get('settings')
  const charge = (pixels: number) => chargePixels(c, pixels)
  const reader = new ImageReader(models, { maxPixels, maxWork, charge, ...(forGrid && { forGrid }) })
  if (type === JSON_TYPE) {
    const { pixels } = check(PixelsBody, parseJson(bytes), 'body')
    return [reader.readPixels(flattenPixels(pixels), model)]
  }
  if (type === FORM_TYPE) {
    const parts = imageParts(bytes, contentType!, maxBatch)
    return reader.read(parts.map((part) => ({ ...part, model })))
  }
  if (type !== RAW_TYPE && !type.startsWith('image/')) throw unsupportedType(type, COMPRESS_TYPES)
  return reader.read([{ bytes, type, model }])
}

function imageParts(bytes: Uint8Array, contentType: string, maxBatch: number): FormPart[] {
  const parts = readForm(bytes, contentType, ['image'], maxBatch)
  if (parts.length === 0)
    throw new Problem('malformed', 'multipart/form-data: there is no part named `image`')
  return parts
}

interface Result {
  code: Uint8Array
  model: string
  mse: number
  psnrDb: number
  response(withLatent: boolean): object
}

/** Images for the same model go through its networks as one batch; long codes are made one after another. */
async function compressImages(
  models: Models,
  images: ImageInput[],
  bounds: CompressOptions,
  grid: LoadedGridModel | undefined,
  isGridOnly: boolean,
): Promise<Result[]> {
  const results = new Map<ImageInput, Result>()
  const label = (image: ImageInput) => (images.length > 1 ? `image ${images.indexOf(image) + 1}` : undefined)
  for (const image of images)
    if (grid && image.coded)
      results.set(image, await inPart(label(image), () => longCode(models, image, bounds, grid, isGridOnly)))
  const others = images.filter((image) => !results.has(image))
  for (const manifest of new Set(others.map((image) => image.manifest))) {
    const alike = others.filter((image) => image.manifest === manifest)
    const compressed = await inParts(alike.map(label), () => shortCodes(models, alike, bounds))
    for (const [i, image] of alike.entries()) results.set(image, compressed[i])
  }
  return images.map((image) => results.get(image)!)
}

/** All images are for the same model. */
async function shortCodes(models: Models, images: ImageInput[], bounds: CompressOptions): Promise<Result[]> {
  const { manifest } = images[0]
  const isBounded = bounds.maxBytes !== undefined || bounds.targetPsnrDb !== undefined
  const model = await (isBounded ? models.loadComplete(manifest) : models.load(manifest))
  const samples = images.map((image) => image.samples)
  return compressBatch(model, samples, bounds, images).map((compressed, i) => ({
    ...compressed,
    model: manifest.name,
    response: () => compressResponse(manifest, images[i], compressed),
  }))
}

/** Still a preview if that is as good as requested, or if the image has transparency, which long codes do not keep. */
async function longCode(
  models: Models,
  image: ImageInput,
  bounds: CompressOptions,
  grid: LoadedGridModel,
  isGridOnly: boolean,
): Promise<Result> {
  if ((bounds.maxBytes === undefined || image.alpha) && !isGridOnly) {
    try {
      return (await shortCodes(models, [image], bounds))[0]
    } catch (error) {
      if (!(error instanceof UnreachableRateError)) throw error
    }
  }
  const { width, height } = image
  const preview = await models.loadComplete(models.default)
  const compressed = compressLong(grid, preview, { ...image.coded!, original: { width, height } }, bounds)
  return { ...compressed, response: (withLatent) => longResponse(compressed, withLatent) }
}

function writeRecord(c: ServiceContext, results: Result[], startedMs: number): void {
  const record = c.get('record')
  record.codecMs = performance.now() - startedMs
  record.images = results.length
  for (const { code } of results) record.codeBytes += code.length
  record.model = results[0].model
}

function codeResponse({ code, model, mse, psnrDb }: Result): Response {
  return dataResponse(code as Uint8Array<ArrayBuffer>, CODE_TYPE, {
    'latent64-model': model,
    'latent64-bytes': String(code.length),
    'latent64-mse': String(mse),
    'latent64-psnr': String(psnrDb),
  })
}

function jsonResponse(c: ServiceContext, results: Result[], isBatch: boolean, withLatent: boolean): Response {
  const each = results.map((result) => result.response(withLatent))
  return dataResponse(heldBody(c, JSON.stringify(isBatch ? each : each[0])), JSON_TYPE)
}
