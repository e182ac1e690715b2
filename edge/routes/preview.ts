/** GET /preview/:code: the picture of a code as a PNG, made to stand in an <img>, and cached for ever. */
import { fromBase64Url } from '../../shared/codec/base64url.ts'
import { unpackContainer } from '../../shared/codec/container.ts'
import { parseQuery } from '../http/parse.ts'
import { Problem } from '../http/problem.ts'
import { withModels } from '../models/isolate.ts'
import { RenderQuery } from '../schemas.ts'
import type { ServiceContext } from '../service-env.ts'
import { settingsOf } from '../settings.ts'
import { figures } from './decompress.ts'
import { codePicture } from './decompress-input.ts'
import { pngOf, render } from './render.ts'

/** A code names its model by a hash over all that decoding needs: the picture of a code never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

export async function previewRoute(c: ServiceContext): Promise<Response> {
  const query = parseQuery(RenderQuery, c.req.raw.url, 'ignore unknown')
  const text = c.req.param('code')!.replace(/\.png$/, '')
  const code = fromBase64Url(text)
  unpackContainer(code) // its check byte: a damaged code is not to be found in a cache
  const etag = `"${[text, query.size, query.width].filter(Boolean).join('.')}"`
  if (matches(c.req.raw.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers: { etag, 'cache-control': IMMUTABLE } })
  const keyUrl = URL.parse(`/preview/${etag.slice(1, -1)}`, c.req.raw.url)
  if (keyUrl === null) throw new Problem('malformed', 'the Host header is no name of a host')
  const key = new Request(keyUrl)
  return (await fromCache(key)) ?? (await draw(c, code, query, etag, key))
}

/** If-None-Match: a list of tags, compared weakly (RFC 9110, section 13.1.2). */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

async function draw(
  c: ServiceContext,
  code: Uint8Array,
  query: RenderQuery,
  etag: string,
  key: Request,
): Promise<Response> {
  const record = c.get('record')
  const startedMs = performance.now()
  const picture = await withModels(c.env, (models) => codePicture(models, code))
  const png = await pngOf(render(picture, query, settingsOf(c.env)))
  record.codecMs = performance.now() - startedMs
  record.model = picture.model.manifest.name
  const headers = { 'content-type': 'image/png', etag, 'cache-control': IMMUTABLE, ...figures(picture) }
  c.executionCtx.waitUntil(toCache(key, new Response(png, { headers })))
  return new Response(png, { headers })
}

/** In a workerd without a cache service behind it, calls fail: then every picture is drawn. */
async function fromCache(key: Request): Promise<Response | undefined> {
  const hit = await caches.default.match(key).catch(() => undefined)
  return hit && new Response(hit.body, hit) // a copy whose headers can be changed
}

async function toCache(key: Request, response: Response): Promise<void> {
  await caches.default.put(key, response).catch(() => undefined)
}
