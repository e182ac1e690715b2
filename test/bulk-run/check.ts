/** Compares what D1 holds with what the bucket holds, and every code with the CLI's. */
import { createHash } from 'node:crypto'
import type { TestObject } from './objects.ts'

export interface Row {
  key: string
  etag: string
  code: string | null
  error: string | null
}

/** Each difference as a sentence. */
export function differences(
  rows: Row[],
  objects: Map<string, TestObject>,
  cliCodes: Map<string, string | undefined>,
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
