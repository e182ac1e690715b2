/**
 * Brings the rows of some keys in line with their bucket. A message only says that something happened to a key; what
 * counts is the bucket's current state. So messages may come twice, late or in any order.
 *
 * Two consumers may still process the same key at once, and the slower one would write an outdated row. So each looks
 * at the bucket again after writing, and starts over if the object has changed. Whoever writes last has also looked
 * last; if it crashes in between, its messages were not acknowledged and are delivered again.
 */
import { sampleCount } from '../../shared/manifest.ts'
import { asProblem } from '../http/as-problem.ts'
import { Problem, problemKinds } from '../http/problem.ts'
import { withModels } from '../models/isolate.ts'
import { type Bindings, settingsOf } from '../settings.ts'
import { type BucketSettings, type ImageBucket, isImageKey, settingsText } from './bucket-settings.ts'
import { type CodeColumns, compressObject, NO_CODE } from './compress-object.ts'
import { Gate } from './gate.ts'
import { type ImageRow, type RowState, readStates, writeRows } from './images/rows.ts'
import { type ObjectBytes, readObject } from './read-object.ts'

/** An invocation may hold six connections. */
const OBJECTS_AT_ONCE = 4
/** Leaves room to decode one of them within an isolate's 128 MB. */
const BYTES_AT_ONCE = 16_000_000
/** An object that changes faster than this is left to its next message. */
const MAX_ROUNDS = 4
const MAX_DETAIL_LENGTH = 1000

export interface Wanted {
  key: string
  /** Compress it even if the row seems right. */
  again: boolean
}

export interface Outcome {
  key: string
  result: 'compressed' | 'failed' | 'unchanged' | 'deleted' | 'retry'
  row?: ImageRow
  /** If it failed, the kind of problem; if it is to be retried, the error's message. */
  problem?: string
  /** The object's length. */
  objectBytes: number
  codecMs: number
}

/** Throws if D1 fails; the rows are then either unchanged or correct. */
export async function reconcile(
  bindings: Bindings,
  bucket: ImageBucket,
  wanted: Wanted[],
): Promise<Outcome[]> {
  const done = new Map<string, Outcome>()
  const served = await servedFor(bindings, bucket)
  let pending = wanted
  for (let round = 1; pending.length > 0; round++) {
    const outcomes = await reconcileOnce(bindings, bucket, served, pending)
    for (const outcome of outcomes) done.set(outcome.key, outcome)
    const changed = await changedSince(bucket, outcomes)
    pending = changed.map((key) => ({ key, again: false }))
    if (round < MAX_ROUNDS) continue
    for (const key of changed)
      done.set(key, { ...outcome(key, 'retry'), problem: 'it changes faster than it can be read' })
    break
  }
  return [...done.values()]
}

interface Served {
  /** The settings that rows are made with now. */
  settings: string
  rawSizes: Set<number>
}

function servedFor(bindings: Bindings, bucket: ImageBucket): Promise<Served> {
  return withModels(bindings, (models) => ({
    settings: settingsText(bucket.settings, models),
    rawSizes: new Set(models.manifests.map(({ input }) => sampleCount(input))),
  }))
}

async function reconcileOnce(
  bindings: Bindings,
  bucket: ImageBucket,
  served: Served,
  wanted: Wanted[],
): Promise<Outcome[]> {
  const rows = await readStates(
    bindings.DB!,
    bucket.name,
    wanted.map(({ key }) => key),
  )
  const connections = new Gate(OBJECTS_AT_ONCE)
  const room = new Gate(BYTES_AT_ONCE)
  const outcomes = await Promise.all(
    wanted.map((each) =>
      connections.run(1, () => outcomeOf(bindings, bucket, served, each, rows.get(each.key), room)),
    ),
  )
  const written = outcomes.flatMap(({ row }) => row ?? [])
  const deleted = outcomes.filter(({ result }) => result === 'deleted').map(({ key }) => key)
  await writeRows(bindings.DB!, bucket.name, written, deleted)
  return outcomes
}

/** Reads and compresses one object. Never throws: what went wrong is the outcome. */
async function outcomeOf(
  bindings: Bindings,
  { objects, settings: bucketSettings }: ImageBucket,
  { settings, rawSizes }: Served,
  { key, again }: Wanted,
  row: RowState | undefined,
  room: Gate,
): Promise<Outcome> {
  const absent = outcome(key, row === undefined ? 'unchanged' : 'deleted')
  if (!isImageKey(key, bucketSettings)) return absent
  const base: RowBase = { key, etag: '', settings, at: new Date().toISOString() }
  try {
    const known = !again && row !== undefined && isRight(row, settings) ? row.etag : undefined
    const object = await objects.get(key, known === undefined ? {} : { onlyIf: { etagDoesNotMatch: known } })
    if (object === null) return absent
    if (!('body' in object)) return outcome(key, 'unchanged')
    base.etag = object.etag
    return await room.run(object.size, async () => {
      const content = await readObject(object, rawSizes, settingsOf(bindings))
      const { columns, codecMs } = await compressed(bindings, content, bucketSettings)
      const made: ImageRow = { ...base, ...columns, error: null }
      return { ...outcome(key, 'compressed', made), objectBytes: object.size, codecMs }
    })
  } catch (error) {
    return failure(error, base, row)
  }
}

type RowBase = Pick<ImageRow, 'key' | 'etag' | 'settings' | 'at'>

function compressed(
  bindings: Bindings,
  content: ObjectBytes,
  bucketSettings: BucketSettings,
): Promise<{ columns: CodeColumns; codecMs: number }> {
  return withModels(bindings, async (models) => {
    const startedMs = performance.now()
    const columns = await compressObject(models, content, bucketSettings, settingsOf(bindings))
    return { columns, codecMs: performance.now() - startedMs }
  })
}

/**
 * A problem with the object itself becomes its row. Anything else is retried; meanwhile the row says so, but it never
 * replaces a code of the same version.
 */
function failure(error: unknown, base: RowBase, row: RowState | undefined): Outcome {
  const problem = asProblem(error)
  if (problem !== undefined && problemKinds[problem.kind].status < 500) {
    const failed: ImageRow = { ...base, ...NO_CODE, error: problemText(problem) }
    return { ...outcome(base.key, 'failed', failed), problem: problem.kind }
  }
  const internal = new Problem('internal', 'reading or compressing the object failed; it will be retried')
  const isNews = row === undefined || (base.etag !== '' && base.etag !== row.etag)
  const failing = isNews ? { ...base, ...NO_CODE, error: problemText(internal) } : undefined
  return { ...outcome(base.key, 'retry', failing), problem: String(error) }
}

/** RFC 9457, as in the service's responses, without the members that belong to a request. */
function problemText({ kind, message, extensions }: Problem): string {
  const { status, title } = problemKinds[kind]
  const detail = message.slice(0, MAX_DETAIL_LENGTH)
  return JSON.stringify({ type: `/docs#${kind}`, title, status, detail, ...extensions })
}

/** Made with the current settings, and any problem is the object's own. R2 compares the etag. */
export const isRight = (row: RowState, settings: string) =>
  row.settings === settings && !isTemporary(row.error)

/** The service or the platform is at fault, not the object: a retry may help. */
const isTemporary = (error: string | null) =>
  error !== null && (JSON.parse(error) as { status: number }).status >= 500

const outcome = (key: string, result: Outcome['result'], row?: ImageRow): Outcome => ({
  ...{ key, result, row, objectBytes: 0, codecMs: 0 },
})

/** The keys whose object is no longer the one that was read, as far as R2 can say. */
async function changedSince({ objects, settings }: ImageBucket, outcomes: Outcome[]): Promise<string[]> {
  const connections = new Gate(OBJECTS_AT_ONCE)
  const checks = outcomes.map(({ key, result, row }) =>
    connections.run(1, async () => {
      if (result === 'unchanged' || result === 'retry' || !isImageKey(key, settings)) return []
      const isSame = await objects.head(key).then(
        (now) => now?.etag === row?.etag,
        () => false,
      )
      return isSame ? [] : [key]
    }),
  )
  return (await Promise.all(checks)).flat()
}
