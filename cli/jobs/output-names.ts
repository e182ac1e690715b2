/** Where the results of a run go: each to a name of its own, and none outside the requested folder. */
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { groupBy } from '../../node/group-by.ts'
import { PIPE } from '../../node/list-files.ts'
import { lateCrypto } from './late-crypto.ts'

interface Named {
  input: string
  /** Path of the output, below `out` or beside the input. */
  relative: string
}

/** The longest name that most file systems allow, in bytes. */
const MAX_NAME_BYTES = 255

/**
 * `a.png` becomes `a.l64`. If several inputs would get that name (`a.jpg` beside `a.png`), each keeps its extension:
 * `a.jpg.l64`, `a.png.l64`. `undefined` for inputs that still share a name, like `x/a.png` and `y/a.png` with one
 * `out`.
 */
export function outputNames(
  files: Named[],
  extension: string,
  out: string | undefined,
): (string | undefined)[] {
  const pathOf = (name: Named, keepsExtension: boolean) => {
    if (name.input === PIPE) return out === undefined ? PIPE : join(out, `image${extension}`)
    const path = out === undefined ? name.input : join(out, name.relative)
    return join(dirname(path), nameOf(basename(path), extension, keepsExtension))
  }
  const keeps = files.map(() => false)
  for (;;) {
    const paths = files.map((file, i) => pathOf(file, keeps[i]))
    const users = groupBy([...paths.keys()], (i) => resolve(paths[i]))
    const clashing = new Set([...users.values()].filter((indices) => indices.length > 1).flat())
    const renamed = [...clashing].filter((i) => !keeps[i])
    if (renamed.length === 0) return paths.map((path, i) => (clashing.has(i) ? undefined : path))
    for (const i of renamed) keeps[i] = true
  }
}

function nameOf(name: string, extension: string, keepsExtension: boolean): string {
  const stem = keepsExtension ? name : name.slice(0, name.length - extname(name).length)
  if (Buffer.byteLength(stem + extension) <= MAX_NAME_BYTES) return stem + extension
  const hash = lateCrypto().createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${cut(stem, MAX_NAME_BYTES - Buffer.byteLength(extension) - 9)}~${hash}${extension}`
}

/** The longest prefix within this many bytes that ends with a whole character. */
function cut(text: string, bytes: number): string {
  let kept = ''
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > bytes) break
    kept += character
  }
  return kept
}

/** Whether a path is below a folder, by its name; `..` and absolute paths elsewhere are not. */
export function isBelow(folder: string, path: string): boolean {
  const inside = relative(resolve(folder), resolve(path))
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}
