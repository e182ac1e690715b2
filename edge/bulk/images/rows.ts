/**
 * The table `images` (migrations/), and every statement that reads or writes it. Many rows are passed as one JSON
 * parameter.
 */

export interface ImageRow {
  key: string
  etag: string
  code: string | null
  width: number | null
  height: number | null
  model: string | null
  bytes: number | null
  mse: number | null
  in_distribution: number | null
  settings: string
  at: string
  /** A problem as JSON. */
  error: string | null
}

/** The part of a row that says whether it is up to date. */
export type RowState = Pick<ImageRow, 'key' | 'etag' | 'settings' | 'error'>

const COLUMNS = [
  ...['key', 'etag', 'code', 'width', 'height', 'model', 'bytes', 'mse', 'in_distribution'],
  ...['settings', 'at', 'error'],
] as const

const READ = `SELECT key, etag, settings, error FROM images
  WHERE bucket = ?1 AND key IN (SELECT value FROM json_each(?2))`

const UPSERT = `INSERT INTO images (bucket, ${COLUMNS.join(', ')})
  SELECT ?1, ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')} FROM json_each(?2) WHERE true
  ON CONFLICT (bucket, key) DO UPDATE SET ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`

const DELETE = 'DELETE FROM images WHERE bucket = ?1 AND key IN (SELECT value FROM json_each(?2))'

const RANGE = `SELECT key, etag, settings, error FROM images
  WHERE bucket = ?1 AND key >= ?2 AND key > ?3 AND (?4 IS NULL OR key < ?4) ORDER BY key LIMIT ?5`

const PAGE = `SELECT ${COLUMNS.join(', ')} FROM images
  WHERE bucket = ?1 AND key >= ?2 AND key > ?3 AND (?4 IS NULL OR key < ?4) ORDER BY key LIMIT ?5`

const BY_KEYS = `SELECT ${COLUMNS.join(', ')} FROM images
  WHERE bucket = ?1 AND key IN (SELECT value FROM json_each(?2)) ORDER BY key`

export async function readStates(
  db: D1Database,
  bucket: string,
  keys: string[],
): Promise<Map<string, RowState>> {
  const statement = db.prepare(READ).bind(bucket, JSON.stringify(keys))
  const { results } = await retried(() => statement.all<RowState>())
  return new Map(results.map((row) => [row.key, row]))
}

/** All or nothing: D1 runs a batch as one transaction. */
export async function writeRows(
  db: D1Database,
  bucket: string,
  rows: ImageRow[],
  deletedKeys: string[],
): Promise<void> {
  const statements: D1PreparedStatement[] = []
  if (rows.length > 0) statements.push(db.prepare(UPSERT).bind(bucket, JSON.stringify(rows)))
  if (deletedKeys.length > 0) statements.push(db.prepare(DELETE).bind(bucket, JSON.stringify(deletedKeys)))
  if (statements.length > 0) await retried(() => db.batch(statements))
}

export interface KeyRange {
  prefix: string
  /** After this key; '' for the first page. */
  after: string
  limit: number
}

const rangeOf = (bucket: string, { prefix, after, limit }: KeyRange) => [
  ...[bucket, prefix, after, endOfPrefix(prefix), limit],
]

export async function readStateRange(db: D1Database, bucket: string, range: KeyRange): Promise<RowState[]> {
  const statement = db.prepare(RANGE).bind(...rangeOf(bucket, range))
  return (await retried(() => statement.all<RowState>())).results
}

/** Whole rows, sorted by key. Writes do not shift pages, as a page begins after a key and not at a count. */
export async function readPage(db: D1Database, bucket: string, range: KeyRange): Promise<ImageRow[]> {
  const statement = db.prepare(PAGE).bind(...rangeOf(bucket, range))
  return (await retried(() => statement.all<ImageRow>())).results
}

export async function readRows(db: D1Database, bucket: string, keys: string[]): Promise<ImageRow[]> {
  const statement = db.prepare(BY_KEYS).bind(bucket, JSON.stringify(keys))
  return (await retried(() => statement.all<ImageRow>())).results
}

const LAST_CODE_POINT = 0x10ffff
const isSurrogate = (codePoint: number) => codePoint >= 0xd800 && codePoint <= 0xdfff

/** The first text after all that begin with the prefix, in the order of code points (that of UTF-8, SQLite and R2). */
export function endOfPrefix(prefix: string): string | null {
  const codePoints = Array.from(prefix, (letter) => letter.codePointAt(0)!)
  while (codePoints.at(-1) === LAST_CODE_POINT) codePoints.pop()
  const last = codePoints.pop()
  if (last === undefined) return null
  const next = isSurrogate(last + 1) ? 0xe000 : last + 1
  return String.fromCodePoint(...codePoints, next)
}

const TRIES = 3
const PAUSE_MS = 100

/** D1 fails from time to time. Every statement here may run twice with the same result. */
export async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await run()
    } catch (error) {
      if (attempt === TRIES) throw error
      await scheduler.wait(PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
    }
}
