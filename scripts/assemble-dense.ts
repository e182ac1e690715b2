/** shared/dense.wat -> shared/dense.wasm. The outcome is committed: workerd runs no wasm that is made at run time. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import wabt from 'wabt'

const shared = join(import.meta.dirname, '..', 'shared')

export async function assembleDense(): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const module = parseWat('dense.wat', await readFile(join(shared, 'dense.wat')), { simd: true })
  return module.toBinary({}).buffer
}

if (import.meta.main) await writeFile(join(shared, 'dense.wasm'), await assembleDense())
