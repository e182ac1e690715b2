/** The paths on the command line -> files to read and paths to write. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isFolder, type ListedFile, listFiles, PIPE } from '../../node/list-files.ts'
import { isBelow, outputNames } from './output-names.ts'

/** One file to convert. `output` is a path, or PIPE. */
export interface Job {
  input: string
  output: string
  /** Found in a folder, not named on the command line. */
  isFound?: boolean
  /** A code that is not in a file of its own. base64url */
  code?: string
  /** If it goes into a file of many codes: its path there, and the hash of its bytes when its line was written. */
  record?: { path: string; sha256?: string }
}

interface JobOptions {
  /** A file, a folder, or PIPE; without it, beside the input. */
  out?: string
  /** Replaces the input's extension; with its dot. */
  extension: string
  /** Extensions to read in folders, lower case with their dot; files that are named are always read. */
  accepts: (extension: string) => boolean
  /** The entries of a file of many codes, if the input is one. */
  expand?: (path: string) => Promise<(ListedFile & { code: string })[] | undefined>
}

type Listed = ListedFile & { code?: string }

export interface Refusal {
  input: string
  reason: string
}

/** The jobs in order, and the files that have no output path of their own. */
export async function listJobs(
  paths: string[],
  options: JobOptions,
): Promise<{ jobs: Job[]; refused: Refusal[] }> {
  const list = async (path: string): Promise<Listed[]> =>
    (await options.expand?.(path)) ?? (await listFiles(path, options.accepts))
  const listed = (await Promise.all(paths.map(list))).flat()
  const files = [...new Map(listed.map((file) => [resolve(file.input), file])).values()] // each once, even if named twice
  const { out } = options
  const isAlone = files.length === 1 && (out === PIPE || paths.includes(files[0].input)) // the result of a folder is a folder
  if (out === PIPE && files.length > 1) throw new Error(`standard output takes one file, got ${files.length}`)
  const toOneFile = isAlone && out !== undefined && !out.endsWith('/') && !(await isFolder(out))
  if (out === PIPE || toOneFile)
    return { jobs: files.map(({ input }) => ({ input, output: out })), refused: [] }
  if (out !== undefined) await refuseFile(out)
  return placed(files, options, new Set(paths))
}

async function refuseFile(out: string): Promise<void> {
  const there = await stat(out).catch(() => undefined)
  if (there && !there.isDirectory()) throw new Error(`--out ${out} is a file; several results need a folder`)
}

function placed(
  files: Listed[],
  { out, extension }: JobOptions,
  named: ReadonlySet<string>,
): { jobs: Job[]; refused: Refusal[] } {
  const outputs = outputNames(files, extension, out)
  const jobs: Job[] = []
  const refused: Refusal[] = []
  for (const [i, { input, code }] of files.entries()) {
    const output = outputs[i]
    if (output === undefined)
      refused.push({ input, reason: 'another file has the same name: give each folder its own --out' })
    else if (out !== undefined && !isBelow(out, output))
      refused.push({ input, reason: `${output} would be outside ${out}` })
    else jobs.push({ input, output, code, isFound: !named.has(input) })
  }
  return { jobs, refused }
}
