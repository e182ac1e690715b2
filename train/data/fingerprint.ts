import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'

/** Changes with any file's name, size or date, and with `made`, which says how the cache is made from the files. */
export function fingerprint(files: string[], made: unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(made))
  for (const file of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}
