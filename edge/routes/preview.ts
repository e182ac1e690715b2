/** GET /preview/:code: a code's picture as a PNG or WebP, for an <img>, cacheable forever. */
import { fromBase64Url } from '../../shared/codec/container/base64url.ts'
import { unpackContainer } from '../../shared/codec/container/container.ts'
import { isGridCode, unpackGridContainer } from '../../shared/grid/grid-container.ts'
import { parseQuery } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import { heldBody } from '../http/response.ts'
import { chargePixels, DRAWN_PIXEL } from '../middleware/rate-limit.ts'
import { withModels } from '../models/isolate.ts'
import { RenderQuery } from '../schemas.ts'
import type { ServiceContext } from '../service-env.ts'
import { figures } from './decompress.ts'
import { LongCodeBudget } from './long-code-budget.ts'
import { codePicture } from './pictures/pictures.ts'
import { encodePreview, type PreviewFormat, previewFormat } from './preview-format.ts'
import { render, renderedSize } from './render.ts'

/** A code's picture never changes, as the code names its model by a hash over all that decoding needs. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

/** The widths that are drawn. Any other becomes the next one up, so that a cache holds no more than these for a code. */
const WIDTHS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 16_384]

export async function previewRoute(c: ServiceContext): Promise<Response> {
  const query = onLadder(parseQuery(RenderQuery, c.req.raw.url, 'ignore unknown'))
  const named = c.req.param('code')!
  const text = named.replace(/\.png$/, '')
  const format = previewFormat(c.req.raw.headers.get('accept'), named !== text)
  const code = fromBase64Url(text)
  if (isGridCode(code)) unpackGridContainer(code)
  else unpackContainer(code) // checks the check byte, so that a damaged code gets no picture from a cache
  const etag = `"${[text, query.size, query.width, format === 'image/webp' && 'webp'].filter(Boolean).join('.')}"`
  if (matches(c.req.raw.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers: { etag, 'cache-control': IMMUTABLE, vary: 'accept' } })
  const keyUrl = URL.parse(`/preview/${etag.slice(1, -1)}`, c.req.raw.url)
  if (keyUrl === null) throw new Problem('malformed', 'the Host header is not a host name')
  const key = new Request(keyUrl)
  return (await fromCache(key)) ?? (await draw(c, code, { query, format, etag, key }))
}

function onLadder(query: RenderQuery): RenderQuery {
  if (query.width === undefined) return query
  const asked = query.width
  return { ...query, width: WIDTHS.find((width) => width >= asked) ?? asked }
}

/** If-None-Match: a list of tags, compared weakly (RFC 9110, section 13.1.2). */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

interface Drawing {
  query: RenderQuery
  format: PreviewFormat
  etag: string
  key: Request
}

async function draw(
  c: ServiceContext,
  code: Uint8Array,
  { query, format, etag, key }: Drawing,
): Promise<Response> {
  const record = c.get('record')
  const settings = c.get('settings')
  const maxPixels = record.client === '' ? settings.maxPreviewPixels : settings.maxOutputPixels
  const startedMs = performance.now()
  const picture = await withModels(c.env, (models) => codePicture(models, code, new LongCodeBudget(c)))
  const size = renderedSize(picture, query, maxPixels, WIDTHS)
  chargePixels(c, DRAWN_PIXEL * size.width * size.height)
  const { body, type } = await encodePreview(render(picture, size), format)
  record.codecMs = performance.now() - startedMs
  record.model = picture.model.manifest.name
  const headers = {
    'content-type': type,
    vary: 'accept',
    etag,
    'cache-control': IMMUTABLE,
    ...figures(picture),
  }
  c.executionCtx.waitUntil(toCache(key, new Response(body, { headers })))
  return new Response(heldBody(c, body), { headers })
}

/** In a workerd without a cache service calls fail; then every picture is drawn. */
async function fromCache(key: Request): Promise<Response | undefined> {
  const hit = await caches.default.match(key).catch(() => undefined)
  return hit && new Response(hit.body, hit) // a copy whose headers can be changed
}

async function toCache(key: Request, response: Response): Promise<void> {
  await caches.default.put(key, response).catch(() => undefined)
}
