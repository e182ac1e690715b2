/** Placeholders of many files: those of changed files are computed, on all cores; the others are kept. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { ListedFile } from '../../node/list-files.ts'
import { runPool } from '../../node/pool.ts'
import { startProgress } from '../../node/terminal/progress.ts'
import {
  contentHasher,
  type Placeholder,
  type PlaceholderOptions,
  type PlaceholderResult,
} from './placeholder.ts'

/** By `hash` the next run knows whether the file has changed. */
type PlaceholderEntry = Placeholder & { hash: string }
/** By the file's path inside the folder, with slashes. */
export type Placeholders = Record<string, PlaceholderEntry>

export interface Update {
  placeholders: Placeholders
  computed: number
  kept: number
  failed: { input: string; reason: string }[]
}

interface UpdateOptions extends PlaceholderOptions {
  jobs?: number
}

/** With fewer files per thread, starting threads costs more than it saves. */
const FILES_PER_THREAD = 8

export async function updatePlaceholders(
  files: ListedFile[],
  before: Placeholders,
  options: UpdateOptions,
): Promise<Update> {
  const byHash = new Map(Object.values(before).map((entry) => [entry.hash, entry])) // a renamed file is kept too
  const update: Update = { placeholders: {}, computed: 0, kept: 0, failed: [] }
  const entries = new Map<string, PlaceholderEntry>()
  const hashOf = contentHasher(options)
  const wanted: { file: ListedFile; hash: string }[] = []
  for (const file of files) {
    const bytes = await readFile(file.input).catch((error: Error) => error)
    if (bytes instanceof Error) {
      update.failed.push({ input: file.input, reason: bytes.message })
      continue
    }
    const hash = hashOf(bytes)
    const known = byHash.get(hash)
    if (known) entries.set(keyOf(file), known)
    else wanted.push({ file, hash })
  }
  update.kept = entries.size
  const progress = startProgress('placeholders', wanted.length)
  await compute(
    wanted.map(({ file }) => file.input),
    options,
    (result, i) => {
      const { file, hash } = wanted[i]
      if ('done' in result) entries.set(keyOf(file), { ...result.done, hash })
      else update.failed.push({ input: file.input, reason: result.failed })
      progress.advance()
    },
  )
  progress.stop()
  update.computed = entries.size - update.kept
  update.placeholders = Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return update
}

const keyOf = ({ relative }: ListedFile) => relative.replaceAll('\\', '/')

async function compute(
  inputs: string[],
  { jobs = availableParallelism(), ...setup }: UpdateOptions,
  onResult: (result: PlaceholderResult, index: number) => void,
): Promise<void> {
  const { placeholderOfFile } = await import('./placeholders-worker.ts')
  const here = (input: string) => placeholderOfFile(input, setup)
  const workers = Math.min(jobs, Math.ceil(inputs.length / FILES_PER_THREAD))
  if (workers < 2) {
    for (const [i, input] of inputs.entries()) onResult(await here(input), i)
    return
  }
  const module = new URL('./placeholders-worker.ts', import.meta.url)
  await runPool<string, PlaceholderResult>({ module, setup, tasks: inputs, workers, here, onResult })
}
