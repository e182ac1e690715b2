/**
 * own-kernels.wat, convolve.wat, jpeg-scan.wat, and AssemblyScript -> .wasm. The results are committed, as workerd runs no
 * wasm that is made at run time.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import wabt from 'wabt'

const shared = join(import.meta.dirname, '..', 'shared')
const grid = join(shared, 'grid')
const preview = join(shared, 'preview', 'kernel')
const jpeg = join(shared, 'images', 'jpeg', 'kernel')

/** What each .wasm file is made from. */
export const OWN_KERNELS: Record<string, string> = {
  [join(shared, 'network', 'kernels', 'own-kernels.wasm')]: join(
    shared,
    'network',
    'kernels',
    'own-kernels.wat',
  ),
  [join(grid, 'networks', 'kernels', 'convolve.wasm')]: join(grid, 'networks', 'kernels', 'convolve.wat'),
  [join(grid, 'networks', 'kernels', 'pixels.wasm')]: join(
    grid,
    'networks',
    'kernels',
    'pixels',
    'pixels.ts',
  ),
  [join(jpeg, 'jpeg-scan.wasm')]: join(jpeg, 'jpeg-scan.wat'),
  [join(preview, 'draw.wasm')]: join(preview, 'draw', 'draw.ts'),
  [join(grid, 'planes', 'plane-coder.wasm')]: join(grid, 'planes', 'segments', 'segment.ts'),
}

/** Assembly text, or AssemblyScript if the path says so. */
export const assemble = (source: string) => (source.endsWith('.ts') ? compile(source) : assembleText(source))

async function assembleText(source: string): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const module = parseWat(source, await readFile(source, 'utf8'), { simd: true })
  return module.toBinary({}).buffer
}

/** Memory is laid out by the caller, so there is neither a runtime nor asserts. */
async function compile(source: string): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined
  const options = [
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--enable',
    'simd',
    '--outFile',
    'out.wasm',
  ]
  if (source.endsWith('pixels.ts')) options.push('--importMemory')
  const { error, stderr } = await asc.main([source, ...options], {
    writeFile: (_, contents) => {
      wasm = contents as Uint8Array
    },
  })
  if (!wasm) throw error ?? new Error(stderr.toString())
  return wasm
}

if (import.meta.main)
  for (const [path, source] of Object.entries(OWN_KERNELS)) await writeFile(path, await assemble(source))
