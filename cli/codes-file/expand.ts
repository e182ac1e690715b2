import type { ListedFile } from '../../node/list-files.ts'
import { isCodesFile, readCodeLines } from './codes-file.ts'

/** The codes of a file of many codes, each as a file at its path; undefined if the file is not of this kind. */
export async function expandCodesFile(
  file: string,
  out: string | undefined,
): Promise<(ListedFile & { code: string })[] | undefined> {
  if (!isCodesFile(file)) return undefined
  if (out === undefined) throw new Error(`--out is needed: a folder for the pictures of ${file}`)
  const last = new Map<string, string>()
  for await (const { path, code } of readCodeLines(file)) if (code !== undefined) last.set(path, code)
  return [...last].map(([path, code]) => ({ input: `${file}, ${path}`, relative: path, code }))
}
