/** `compress --out codes.ndjson`: a folder into one file of codes. An interrupted run can be continued. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { groupBy } from '../../node/group-by.ts'
import { isImageExtension } from '../../node/image-type.ts'
import { type ListedFile, listFiles } from '../../node/list-files.ts'
import { findModel, listModels } from '../../node/model-directory.ts'
import type { Compression, CompressSetup } from '../compress-task.ts'
import type { Job, Refusal } from '../jobs/list-jobs.ts'
import { type RunOptions, runJobs } from '../jobs/run-jobs.ts'
import type { Tally } from '../jobs/summary.ts'
import { type CodeLine, CodesFile, compact, readCodeLines } from './codes-file.ts'

/**
 * With `force` everything is compressed again; otherwise images are skipped whose bytes and settings are those of their
 * line.
 */
export async function compressToCodesFile(
  paths: string[],
  out: string,
  setup: CompressSetup,
  { force, jobs: threads }: RunOptions,
): Promise<Tally<Compression>> {
  if (force) await rm(out, { force: true })
  await mkdir(dirname(out), { recursive: true })
  const listed = (await Promise.all(paths.map((path) => listFiles(path, isImageExtension)))).flat()
  const settings = settingsOf(setup)
  const file = await CodesFile.open(out)
  try {
    const { jobs, refused } = toJobs(listed, existsSync(out) ? await knownHashes(out, settings) : new Map())
    const onResult = (
      { record }: Job,
      result: { done: Compression } | { failed: string } | { skipped: string },
    ) => {
      if ('failed' in result) file.add({ path: record!.path, error: result.failed })
      if ('done' in result && result.done.line) file.add({ ...result.done.line, settings })
      if ('done' in result) delete result.done.line
    }
    return await runJobs<Compression>(
      { jobs, refused },
      { task: 'compress', setup },
      { jobs: threads, onResult },
    )
  } finally {
    await file.close()
    await compact(out, new Set(listed.map(pathOf)))
  }
}

const pathOf = ({ relative }: ListedFile) => relative.replaceAll(sep, '/')

function toJobs(listed: ListedFile[], known: Map<string, string>): { jobs: Job[]; refused: Refusal[] } {
  const byPath = groupBy(listed, pathOf)
  const jobs: Job[] = []
  const refused: Refusal[] = []
  for (const [path, [first, ...others]] of byPath) {
    jobs.push({ input: first!.input, output: '', record: { path, sha256: known.get(path) } })
    for (const { input } of others)
      refused.push({
        input,
        reason: `${first!.input} has the same path inside its folder: give each a file of its own`,
      })
  }
  return { jobs, refused }
}

/** The hashes of the images whose lines were made with these settings, by path. */
async function knownHashes(path: string, settings: string): Promise<Map<string, string>> {
  const known = new Map<string, string>()
  const take = ({ path, sha256, ...line }: CodeLine) => {
    if (sha256 && line.code && line.settings === settings) known.set(path, sha256)
    else known.delete(path)
  }
  for await (const line of readCodeLines(path)) take(line)
  return known
}

/** Changes with any option, and with the models available. */
function settingsOf({ model, options }: CompressSetup): string {
  const models = model === undefined ? listModels() : [findModel(model)]
  const ids = models.map(({ manifest }) => manifest.id)
  return createHash('sha256')
    .update(JSON.stringify([options, model === undefined, ids]))
    .digest('hex')
    .slice(0, 8)
}
