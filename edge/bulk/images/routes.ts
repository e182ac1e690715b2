/** GET /images, a page of keys with their codes or all of them as NDJSON, and GET /images/{key}. */
import { fromBase64Url, toBase64Url } from '../../../shared/codec/container/base64url.ts'
import { JSON_TYPE, NDJSON_TYPE } from '../../http/media-type.ts'
import { negotiate } from '../../http/negotiate.ts'
import { parseQuery } from '../../http/parse.ts'
import { Problem } from '../../http/problem.ts'
import type { ServiceContext } from '../../service-env.ts'
import { imageBuckets } from '../bucket-settings.ts'
import { exportImages } from './export.ts'
import { type KeyRange, readPage, readRows } from './rows.ts'
import { DEFAULT_PAGE, ImageQuery, ImagesQuery, MAX_KEYS, type StoredImages } from './schemas.ts'
import { storedImage } from './stored-image.ts'

/** Codes change with their objects, and keys are private. */
const HEADERS = { 'cache-control': 'private, no-cache' }

export async function imagesRoute(c: ServiceContext): Promise<Response> {
  const type = negotiate(c.req.raw.headers.get('accept'), [JSON_TYPE, NDJSON_TYPE])
  const { query, keys } = readQuery(c.req.raw.url)
  const { db, bucket } = imageStore(c, query.bucket)
  if (keys.length > 0) {
    const rows = await readRows(db, bucket, keys)
    return pageResponse(c, type, { images: rows.map((row) => storedImage(bucket, row)) })
  }
  const range = {
    prefix: query.prefix ?? '',
    after: cursorKey(query.cursor),
    limit: query.limit ?? DEFAULT_PAGE,
  }
  if (type === NDJSON_TYPE && query.limit === undefined) return exportImages(db, bucket, range)
  return pageResponse(c, type, await imagesPage(db, bucket, range))
}

export async function imageRoute(c: ServiceContext): Promise<Response> {
  const { db, bucket } = imageStore(c, parseQuery(ImageQuery, c.req.raw.url).bucket)
  const key = pathKey(c.req.raw.url)
  const [row] = await readRows(db, bucket, [key])
  if (row === undefined) throw new Problem('not-found', 'no image with this key has been compressed')
  return c.json(storedImage(bucket, row), 200, HEADERS)
}

function pageResponse(c: ServiceContext, type: string, page: StoredImages): Response {
  if (type === JSON_TYPE) return c.json(page, 200, HEADERS)
  const lines = page.images.map((image) => `${JSON.stringify(image)}\n`)
  return new Response(lines.join(''), { headers: { 'content-type': NDJSON_TYPE, ...HEADERS } })
}

/** Reads one row more than requested, to know whether there is a next page. */
async function imagesPage(db: D1Database, bucket: string, range: KeyRange): Promise<StoredImages> {
  const rows = await readPage(db, bucket, { ...range, limit: range.limit + 1 })
  const images = rows.slice(0, range.limit).map((row) => storedImage(bucket, row))
  return rows.length > range.limit ? { images, cursor: cursorOf(images.at(-1)!.key) } : { images }
}

/** `key` may be given many times, every other parameter once. */
function readQuery(url: string): { query: ImagesQuery; keys: string[] } {
  const { pathname, searchParams } = new URL(url)
  const keys = searchParams.getAll('key')
  if (keys.length > MAX_KEYS)
    throw new Problem('malformed', `query, key: expected at most ${MAX_KEYS}, got ${keys.length}`)
  searchParams.delete('key')
  const query = parseQuery(ImagesQuery, `${pathname}?${searchParams}`)
  if (keys.length > 0 && (query.prefix ?? query.cursor ?? query.limit) !== undefined)
    throw new Problem('malformed', 'query: `key` excludes prefix, cursor and limit')
  return { query, keys }
}

function imageStore(c: ServiceContext, name: string | undefined): { db: D1Database; bucket: string } {
  const { DB } = c.env
  if (DB === undefined)
    throw new Problem('not-found', 'this service does not compress buckets (docs/bulk.md)')
  const buckets = [...imageBuckets(c.env).keys()]
  if (name === undefined) {
    if (buckets.length === 1) return { db: DB, bucket: buckets[0] }
    throw new Problem('malformed', `query, bucket: expected one of ${buckets.join(', ')}`)
  }
  if (!buckets.includes(name)) throw new Problem('not-found', `expected a bucket of ${buckets.join(', ')}`)
  return { db: DB, bucket: name }
}

/** From the URL itself, as Hono's path is half decoded. A key's slashes may be encoded or not. */
function pathKey(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname.slice('/images/'.length))
  } catch {
    throw new Problem('malformed', 'the key in the path is not percent-encoded UTF-8')
  }
}

const cursorOf = (key: string) => toBase64Url(new TextEncoder().encode(key))

function cursorKey(cursor: string | undefined): string {
  if (cursor === undefined) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fromBase64Url(cursor))
  } catch {
    throw new Problem('malformed', 'query, cursor: expected the cursor of an earlier page')
  }
}
