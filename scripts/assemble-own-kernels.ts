/** shared/network/kernels/own-kernels.wat -> shared/network/kernels/own-kernels.wasm. The outcome is committed: workerd runs no wasm that is made at run time. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import wabt from 'wabt'

const shared = join(import.meta.dirname, '..', 'shared', 'network', 'kernels')

export async function assembleOwnKernels(): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const module = parseWat('own-kernels.wat', await readFile(join(shared, 'own-kernels.wat')), { simd: true })
  return module.toBinary({}).buffer
}

if (import.meta.main) await writeFile(join(shared, 'own-kernels.wasm'), await assembleOwnKernels())
