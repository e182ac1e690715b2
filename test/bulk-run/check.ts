/** Compares what D1 holds with what the bucket holds, and every code with the CLI's. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestObject } from './objects.ts'

export interface Row {
  key: string
  etag: string
  code: string | null
  error: string | null
}

const cli = join(import.meta.dirname, '..', '..', 'cli', 'latent64.ts')

/** base64url by key, of those that the CLI could compress. */
export async function codesOfCli(
  objects: Map<string, TestObject>,
  dir: string,
): Promise<Map<string, string>> {
  const [images, codes] = [join(dir, 'objects'), join(dir, 'codes')]
  for (const each of [images, codes]) {
    await rm(each, { recursive: true, force: true })
    await mkdir(each, { recursive: true })
  }
  const keys = [...objects.keys()]
  for (const [i, key] of keys.entries()) await writeFile(join(images, `${i}.png`), objects.get(key)!.bytes)
  const args = [cli, 'compress', images, '--out', codes, '--force']
  await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 }).catch((error) => {
    if (error.code !== 1) throw error // 1: some of the files are broken
  })
  const made = new Map<string, string>()
  for (const [i, key] of keys.entries()) {
    const code = await readFile(join(codes, `${i}.l64`)).catch(() => undefined)
    if (code !== undefined) made.set(key, code.toString('base64url'))
  }
  return made
}

/** Each difference as a sentence; none where all is right. */
export function differences(
  rows: Row[],
  objects: Map<string, TestObject>,
  cliCodes: Map<string, string>,
): string[] {
  const found: string[] = []
  const byKey = new Map(rows.map((row) => [row.key, row]))
  if (byKey.size !== rows.length) found.push(`${rows.length - byKey.size} keys have more than one row`)
  for (const key of byKey.keys()) if (!objects.has(key)) found.push(`${name(key)}: a row without an object`)
  for (const [key, object] of objects) {
    const difference = differenceOf(byKey.get(key), object, cliCodes.get(key))
    if (difference !== undefined) found.push(`${name(key)}: ${difference}`)
  }
  return found
}

const name = (key: string) => JSON.stringify(key.slice(0, 60))

function differenceOf(
  row: Row | undefined,
  { bytes, problem }: TestObject,
  cliCode: string | undefined,
): string | undefined {
  if (row === undefined) return 'no row'
  if (row.etag !== createHash('md5').update(bytes).digest('hex')) return `its row is of another version`
  if (problem !== undefined) {
    const type = row.error === null ? 'a code' : (JSON.parse(row.error) as { type: string }).type
    return type === `/docs#${problem}` ? undefined : `expected the problem ${problem}, got ${type}`
  }
  if (row.error !== null) return `expected a code, got ${row.error}`
  if (cliCode === undefined) return 'the CLI could not compress it'
  return row.code === cliCode ? undefined : `its code is ${row.code}, the CLI's ${cliCode}`
}
