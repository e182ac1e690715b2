/** POST /decompress: codes, or latents, to pictures. */
import type { Handler, TypedResponse } from 'hono'
import { readBody } from '../http/body.ts'
import { JSON_TYPE, RAW_TYPE } from '../http/media-type.ts'
import { negotiate } from '../http/negotiate.ts'
import { parseQuery } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import { dataAnswer } from '../http/response.ts'
import { toNumbers } from '../http/to-numbers.ts'
import { withModels } from '../models/isolate.ts'
import { type DecompressAnswer, RenderQuery } from '../schemas.ts'
import type { ServiceContext, ServiceEnv } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { type Picture, readDecompressInput } from './decompress-input.ts'
import { pngOf, type Rendering, render } from './render.ts'

/** Beyond this many samples a JSON answer would take some hundred megabytes to build. */
const MAX_JSON_SAMPLES = 1_000_000

interface DecompressRequest {
  query: { width?: string; size?: 'original' }
  json: { code: string } | { latent: number[]; model: string }
}
type DecompressResponse = Response & TypedResponse<DecompressAnswer, 200, 'json'>

/** The types are for the RPC client, which speaks JSON; the other formats are the handler's own affair. */
export const decompressRoute: Handler<
  ServiceEnv,
  '/decompress',
  { in: DecompressRequest; out: DecompressRequest },
  Promise<DecompressResponse>
> = async (c) => (await decompressRequest(c)) as DecompressResponse

async function decompressRequest(c: ServiceContext): Promise<Response> {
  const accept = c.req.raw.headers.get('accept')
  const answerType = negotiate(accept, ['image/png', RAW_TYPE, JSON_TYPE])
  const query = parseQuery(RenderQuery, c.req.raw.url)
  const body = await readBody(c)
  const settings = settingsOf(c.env)
  const record = c.get('record')
  const startedMs = performance.now()
  const pictures = await withModels(c.env, (models) => readDecompressInput(models, body, settings))
  const answer = await answerAs(pictures, answerType, (picture) => render(picture, query, settings), accept)
  record.codecMs = performance.now() - startedMs
  record.images = pictures.length
  record.model = pictures[0]!.model.manifest.name
  return answer
}

type AnswerType = 'image/png' | typeof RAW_TYPE | typeof JSON_TYPE

/** Several codes are answered by a list, which only JSON has. */
async function answerAs(
  pictures: Picture[],
  wanted: AnswerType,
  rendered: (picture: Picture) => Rendering,
  accept: string | null,
): Promise<Response> {
  const type = pictures.length > 1 ? negotiate(accept, [JSON_TYPE]) : wanted
  if (type === JSON_TYPE) return jsonAnswer(pictures, rendered)
  const rendering = rendered(pictures[0]!)
  const body = type === RAW_TYPE ? (rendering.samples as Uint8Array<ArrayBuffer>) : await pngOf(rendering)
  return dataAnswer(body, type, figures(pictures[0]!))
}

/** The figures of a picture as headers. */
export function figures({ model, width, height, storedPsnrDb, error }: Picture): Record<string, string> {
  const headers: Record<string, string> = {
    'latent64-model': model.manifest.name,
    'latent64-width': String(width),
    'latent64-height': String(height),
  }
  if (storedPsnrDb !== undefined) headers['latent64-stored-psnr'] = String(storedPsnrDb)
  if (error !== undefined) {
    headers['latent64-mse'] = String(error.mse)
    headers['latent64-psnr'] = String(error.psnrDb)
  }
  return headers
}

function jsonAnswer(pictures: Picture[], rendered: (picture: Picture) => Rendering): Response {
  let samples = 0
  const answers = pictures.map((picture) => {
    const rendering = rendered(picture)
    samples += rendering.samples.length
    if (samples > MAX_JSON_SAMPLES)
      throw new Problem('too-large', `a JSON answer may have ${MAX_JSON_SAMPLES} samples: ask for image/png`)
    return describe(picture, rendering)
  })
  const body = JSON.stringify(answers.length === 1 ? answers[0] : answers)
  return dataAnswer(body, JSON_TYPE, figures(pictures[0]!))
}

function describe(picture: Picture, { samples, width, height, channels }: Rendering): DecompressAnswer {
  const { model, storedPsnrDb, error } = picture
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
  }
}
