import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Kernels, loadKernels } from '../shared/kernels.ts'

/** The wasm file of the installed tfjs-backend-wasm, as the worker and the page have it in their bundles. */
export const simdWasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm',
)

export async function loadNodeKernels(): Promise<Kernels> {
  return loadKernels(new WebAssembly.Module(await readFile(simdWasmPath)))
}
