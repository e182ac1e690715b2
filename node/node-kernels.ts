import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Kernels, loadKernels } from '../shared/network/kernels/kernels.ts'

/** The wasm file of the installed tfjs-backend-wasm, as the worker and the page have it in their bundles. */
export const simdWasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm',
)

export const ownWasmPath = join(import.meta.dirname, '..', 'shared', 'network', 'kernels', 'own-kernels.wasm')

const compile = async (path: string) => new WebAssembly.Module(await readFile(path))

/** `ownDense` false: Dense layers by XNNPACK too, as without shared/network/kernels/own-kernels.wat. */
export async function loadNodeKernels({ ownDense = true } = {}): Promise<Kernels> {
  return loadKernels(await compile(simdWasmPath), ownDense ? await compile(ownWasmPath) : undefined)
}
