/** POST /decompress: codes or latents -> pictures. */
import { toNumbers } from '../../shared/codec/to-numbers.ts'
import { readBody } from '../http/body.ts'
import { JSON_TYPE, RAW_TYPE } from '../http/media-type.ts'
import { negotiate } from '../http/negotiate.ts'
import { parseQuery } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import { dataResponse, heldBody } from '../http/response.ts'
import { chargePixels, DRAWN_PIXEL } from '../middleware/rate-limit.ts'
import { withModels } from '../models/isolate.ts'
import { type DecompressResponse, RenderQuery } from '../schemas.ts'
import type { ServiceContext } from '../service-env.ts'
import { LongCodeBudget } from './long-code-budget.ts'
import type { Picture } from './pictures/picture.ts'
import { readPictures } from './pictures/pictures.ts'
import { pngOf, type Rendering, render, renderedSize, type Size } from './render.ts'

export async function decompressRoute(c: ServiceContext): Promise<Response> {
  const accept = c.req.raw.headers.get('accept')
  const wanted = negotiate(accept, ['image/png', RAW_TYPE, JSON_TYPE])
  const query = parseQuery(RenderQuery, c.req.raw.url)
  const body = await readBody(c)
  const record = c.get('record')
  const startedMs = performance.now()
  const { maxPixels, maxWork, maxBatch } = c.get('settings')
  const charge = (pixels: number) => chargePixels(c, pixels)
  const pictures = await withModels(c.env, (models) => {
    const longCodes = new LongCodeBudget(c)
    return readPictures(models, body, { maxPixels, maxWork, maxBatch, charge, longCodes })
  })
  const type = pictures.length > 1 ? negotiate(accept, [JSON_TYPE]) : wanted // only JSON can hold several
  const sizes = sizesWithin(c, pictures, query, type)
  const response = await draw(c, pictures, sizes, type)
  record.codecMs = performance.now() - startedMs
  record.images = pictures.length
  record.model = pictures[0].model.manifest.name
  return response
}

const channelsOf = ({ alpha, model }: Picture) => (alpha ? 4 : model.manifest.input.channels)

type ResponseType = 'image/png' | typeof RAW_TYPE | typeof JSON_TYPE

/** The sizes of all pictures, before any is drawn. Throws 413 and 429. */
function sizesWithin(c: ServiceContext, pictures: Picture[], query: RenderQuery, type: ResponseType): Size[] {
  const { maxOutputPixels, maxOutputSamples } = c.get('settings')
  const sizes = pictures.map((picture) => renderedSize(picture, query, maxOutputPixels))
  const pixels = sizes.map(({ width, height }) => width * height)
  const samples = pixels.reduce((sum, each, i) => sum + each * channelsOf(pictures[i]), 0)
  if (type !== 'image/png' && samples > maxOutputSamples) {
    const detail = `a response of this type may have ${maxOutputSamples} samples, this one has ${samples}`
    throw new Problem('too-large', `${detail}: ask for image/png`, { maxOutputSamples })
  }
  chargePixels(c, DRAWN_PIXEL * pixels.reduce((sum, each) => sum + each, 0))
  return sizes
}

async function draw(
  c: ServiceContext,
  pictures: Picture[],
  sizes: Size[],
  type: ResponseType,
): Promise<Response> {
  const headers = figures(pictures[0])
  if (type === JSON_TYPE) {
    const each = pictures.map((picture, i) => describe(picture, render(picture, sizes[i])))
    return dataResponse(heldBody(c, JSON.stringify(each.length === 1 ? each[0] : each)), type, headers)
  }
  const rendering = render(pictures[0], sizes[0])
  const bytes = type === RAW_TYPE ? (rendering.samples as Uint8Array<ArrayBuffer>) : await pngOf(rendering)
  return dataResponse(heldBody(c, bytes), type, headers)
}

/** The figures of a picture as headers. */
export function figures({
  model,
  width,
  height,
  storedPsnrDb,
  error,
  beginning,
  alpha,
}: Picture): Record<string, string> {
  const headers: Record<string, string> = {
    'latent64-model': model.manifest.name,
    'latent64-width': String(width),
    'latent64-height': String(height),
  }
  if (alpha) headers['latent64-channels'] = '4'
  if (storedPsnrDb !== undefined) headers['latent64-stored-psnr'] = String(storedPsnrDb)
  if (beginning !== undefined) {
    headers['latent64-bytes'] = String(beginning.bytes)
    headers['latent64-total-bytes'] = String(beginning.totalBytes)
  }
  if (error !== undefined) {
    headers['latent64-mse'] = String(error.mse)
    headers['latent64-psnr'] = String(error.psnrDb)
  }
  return headers
}

function describe(picture: Picture, { samples, width, height, channels }: Rendering): DecompressResponse {
  const { model, storedPsnrDb, error, beginning } = picture
  return {
    pixels: toNumbers(samples),
    width,
    height,
    channels,
    model: model.manifest.name,
    original: { width: picture.width, height: picture.height },
    ...(storedPsnrDb !== undefined && {
      storedError: { mse: 10 ** (-storedPsnrDb / 10), psnrDb: storedPsnrDb },
    }),
    ...(error !== undefined && { error }),
    ...(beginning !== undefined && { beginning }),
  }
}
