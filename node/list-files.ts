/** From the paths on the command line to files to read and places to write. */
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'

/** Standard input or output. */
export const PIPE = '-'

/** One file to convert. `output` is a path, or PIPE. */
export interface Job {
  input: string
  output: string
}

export interface JobOptions {
  /** A file, a folder, or PIPE; without it, beside the input. */
  out?: string
  /** With its dot: what the input's extension is replaced by. */
  extension: string
  /** Extensions taken from folders, lower case with their dot; files named one by one are always taken. */
  accepts: (extension: string) => boolean
}

/** Lists the jobs in order. Throws where two inputs would write one file. */
export async function listJobs(paths: string[], options: JobOptions): Promise<Job[]> {
  const listed = (await Promise.all(paths.map((path) => listFiles(path, options.accepts)))).flat()
  const { out } = options
  const isAlone = listed.length === 1 && (out === PIPE || paths.includes(listed[0]!.input)) // a folder gives a folder
  const toOneFile = isAlone && out !== undefined && !out.endsWith('/') && !(await isFolder(out))
  if (options.out === PIPE && listed.length > 1)
    throw new Error(`standard output takes one file, ${listed.length} were given`)
  const jobs = listed.map(({ input, relative }) => ({
    input,
    output: toOneFile ? out : outputOf(input, relative, options),
  }))
  refuseCollisions(jobs)
  return jobs
}

/** A file of the command line, or all files below a folder with their path inside it. */
export async function listFiles(
  path: string,
  accepts: (extension: string) => boolean,
): Promise<{ input: string; relative: string }[]> {
  if (!(await isFolder(path))) return [{ input: path, relative: basename(path) }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && accepts(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((input) => ({ input, relative: input.slice(join(path, '/').length) }))
}

function outputOf(input: string, relative: string, { out, extension }: JobOptions): string {
  if (input === PIPE) return out === undefined ? PIPE : join(out, `image${extension}`)
  const place = out === undefined ? input : join(out, relative)
  const old = extname(place)
  return place.slice(0, place.length - old.length) + extension
}

/** A path that is not there counts as a file: reading it will tell, and the rest goes on. */
async function isFolder(path: string): Promise<boolean> {
  const there = path === PIPE ? undefined : await stat(path).catch(() => undefined)
  return there?.isDirectory() ?? false
}

function refuseCollisions(jobs: Job[]): void {
  const writers = new Map<string, string>()
  for (const { input, output } of jobs) {
    const other = writers.get(resolve(output))
    if (other !== undefined && output !== PIPE)
      throw new Error(`${other} and ${input} would both be written to ${output}: use --out`)
    writers.set(resolve(output), input)
  }
}
