/** own-kernels.wat, convolve.wat and jpeg-scan.wat -> .wasm. The results are committed, as workerd runs no wasm that is made at run time. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import wabt from 'wabt'

const shared = join(import.meta.dirname, '..', 'shared')

/** Paths without the extension. */
export const OWN_KERNELS = [
  join(shared, 'network', 'kernels', 'own-kernels'),
  join(shared, 'grid', 'networks', 'convolve'),
  join(shared, 'images', 'jpeg', 'kernel', 'jpeg-scan'),
]

export async function assemble(path: string): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const module = parseWat(path, await readFile(`${path}.wat`), { simd: true })
  return module.toBinary({}).buffer
}

if (import.meta.main) for (const path of OWN_KERNELS) await writeFile(`${path}.wasm`, await assemble(path))
