import { readFile } from 'node:fs/promises'
import { type Kernels, loadKernels } from '../shared/network/kernels/kernels.ts'
import { ownWasmPath, simdWasmPath } from './installed-files.ts'

const compile = async (path: string) => new WebAssembly.Module(await readFile(path))

/** `ownDense` false: Dense layers run on XNNPACK too, not on shared/network/kernels/own-kernels.wat. */
export async function loadNodeKernels({ ownDense = true } = {}): Promise<Kernels> {
  return loadKernels(await compile(simdWasmPath), ownDense ? await compile(ownWasmPath) : undefined)
}
