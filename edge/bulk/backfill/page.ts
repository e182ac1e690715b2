/** One page of a backfill: compares a range of the bucket's keys with the rows of the same range. */
import { withModels } from '../../models/isolate.ts'
import type { Bindings } from '../../settings.ts'
import { type ImageBucket, isImageKey, settingsText } from '../bucket-settings.ts'
import { type RowState, readStateRange } from '../images/rows.ts'
import { backfillMessage, inBatches } from '../messages.ts'
import { isRight } from '../reconcile.ts'
import type { BackfillParams } from './params.ts'

export interface Page {
  listed: number
  listedBytes: number
  queued: number
  queuedBytes: number
  missing: number
  /** Everything up to here is done; undefined at the end of the bucket. */
  lastKey: string | undefined
}

/** May run twice: messages that come twice change nothing. */
export async function fillPage(
  bindings: Bindings,
  bucket: ImageBucket,
  { prefix, which, dryRun, pageKeys }: BackfillParams,
  after: string,
): Promise<Page> {
  const part = await readPart(bindings.DB!, bucket, prefix, after, pageKeys)
  const settings = await withModels(bindings, (models) => settingsText(bucket.settings, models))
  const images = part.objects.filter(({ key }) => isImageKey(key, bucket.settings))
  const rows = new Map(part.rows.map((row) => [row.key, row]))
  const isDue = ({ key, etag }: R2Object) =>
    which === 'all' || isOutdated(rows.get(key), etag, settings, which)
  const due = images.filter(isDue)
  for (const { key } of images) rows.delete(key)
  const missing = [...rows.keys()]
  const again = which !== 'changed'
  const messages = [
    ...due.map(({ key }) => backfillMessage(bucket.name, key, again)),
    ...missing.map((key) => backfillMessage(bucket.name, key, false)),
  ]
  if (!dryRun) for (const batch of inBatches(messages)) await bindings.QUEUE!.sendBatch(batch)
  return {
    ...{ listed: images.length, listedBytes: bytesOf(images) },
    ...{ queued: due.length, queuedBytes: bytesOf(due), missing: missing.length, lastKey: part.lastKey },
  }
}

const bytesOf = (objects: R2Object[]) => objects.reduce((sum, { size }) => sum + size, 0)

function isOutdated(
  row: RowState | undefined,
  etag: string,
  settings: string,
  which: 'changed' | 'failed',
): boolean {
  if (row === undefined || row.etag !== etag || !isRight(row, settings)) return true
  return which === 'failed' && row.error !== null
}

interface Part {
  objects: R2Object[]
  rows: RowState[]
  lastKey: string | undefined
}

/** The key at which both lists end: the last key of a list that has more to come. */
async function readPart(
  db: D1Database,
  { name, objects, settings }: ImageBucket,
  prefix: string,
  after: string,
  limit: number,
): Promise<Part> {
  const both = prefix.startsWith(settings.prefix) ? prefix : settings.prefix
  if (!both.startsWith(prefix)) return { objects: [], rows: [], lastKey: undefined }
  const list = await objects.list({ prefix: both, startAfter: after || undefined, limit })
  const rows = await readStateRange(db, name, { prefix: both, after, limit })
  const ends = [
    ...(list.truncated ? [list.objects.at(-1)!.key] : []),
    ...(rows.length === limit ? [rows.at(-1)!.key] : []),
  ]
  const lastKey = ends.length === 0 ? undefined : ends.reduce((a, b) => (isBefore(a, b) ? a : b))
  const isIn = ({ key }: { key: string }) => lastKey === undefined || !isBefore(lastKey, key)
  return { objects: list.objects.filter(isIn), rows: rows.filter(isIn), lastKey }
}

const utf8 = new TextEncoder()

/** Compares by UTF-8 bytes, as R2 and SQLite do; JavaScript's own order is by UTF-16. */
function isBefore(a: string, b: string): boolean {
  const [bytesA, bytesB] = [utf8.encode(a), utf8.encode(b)]
  const length = Math.min(bytesA.length, bytesB.length)
  for (let i = 0; i < length; i++) if (bytesA[i] !== bytesB[i]) return bytesA[i] < bytesB[i]
  return bytesA.length < bytesB.length
}
