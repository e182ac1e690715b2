/** The files that a path on the command line stands for. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'

/** Standard input or output. */
export const PIPE = '-'

export interface ListedFile {
  input: string
  /** Its path inside the folder that was searched, or just its name if the command line names the file. */
  relative: string
}

/**
 * The file itself, or all files below a folder that have an accepted extension (lower case, with its dot). Links are
 * followed; a folder that can be reached in several ways, or by a loop, is listed once.
 */
export async function listFiles(
  path: string,
  accepts: (extension: string) => boolean,
): Promise<ListedFile[]> {
  if (!(await isFolder(path))) return [{ input: path, relative: basename(path) }]
  const isWanted = (file: string) => accepts(extname(file).toLowerCase())
  const inputs = (await filesBelow(path)).filter(isWanted).sort()
  return inputs.map((input) => ({ input, relative: relative(path, input) }))
}

/** A path that does not exist counts as a file: reading it will fail, and the others are still read. */
export async function isFolder(path: string): Promise<boolean> {
  const there = path === PIPE ? undefined : await stat(path).catch(() => undefined)
  return there?.isDirectory() ?? false
}

/** All of them, in no order. */
export async function filesBelow(root: string): Promise<string[]> {
  const files: string[] = []
  const folders = [root]
  const links: string[] = [] // to folders: after all others, so that files are listed where they really are
  const seen = new Set<string>()
  for (;;) {
    const folder = folders.pop() ?? links.pop()
    if (folder === undefined) return files
    const real = await realpath(folder)
    if (seen.has(real)) continue
    seen.add(real)
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) files.push(path)
      else if (entry.isSymbolicLink()) (await isFolder(path)) ? links.push(path) : files.push(path)
    }
  }
}
