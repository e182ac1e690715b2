/** All images of a bucket as NDJSON, one line each, read page by page while the client reads them. */
import { NDJSON_TYPE } from '../../http/media-type.ts'
import { type KeyRange, readPage } from './rows.ts'
import { storedImage } from './stored-image.ts'

/** D1 takes 1,000 queries per invocation, which is enough for exports of five million images. */
const PAGE_ROWS = 5000
const MAX_PAGES = 990

/** A failure breaks the body off, which every client notices; the export can be continued from the last key that came. */
export function exportImages(db: D1Database, bucket: string, { prefix, after }: KeyRange): Response {
  const utf8 = new TextEncoder()
  let last = after
  let pages = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const rows = await readPage(db, bucket, { prefix, after: last, limit: PAGE_ROWS })
      const lines = rows.map((row) => `${JSON.stringify(storedImage(bucket, row))}\n`)
      if (lines.length > 0) controller.enqueue(utf8.encode(lines.join('')))
      if (rows.length < PAGE_ROWS) return controller.close()
      last = rows.at(-1)!.key
      if (++pages === MAX_PAGES) controller.error(new Error('too many images for one export: use a prefix'))
    },
  })
  return new Response(body, { headers: { 'content-type': NDJSON_TYPE, 'cache-control': 'no-store' } })
}
