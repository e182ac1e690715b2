import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import wabt from 'wabt'

/** The part of tfjs-backend-wasm that is used here: it says where tensors lie in its memory. */
export interface WasmBackend {
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } }
  dataIdNextNumber: number
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo
  disposeData(dataId: object): boolean
  wasm: {
    asm: { memory: WebAssembly.Memory }
    tfjs: { registerTensor(id: number, size: number, pointer: number): void; disposeData(id: number): void }
    _malloc(bytes: number): number
    _free(pointer: number): void
  }
}

export function wasmBackend(): WasmBackend {
  return tf.backend() as unknown as WasmBackend
}

/** Instantiates a .wat file on the memory of the current backend, which must be wasm. */
export async function instantiateWat<Functions>(path: string): Promise<Functions> {
  const { parseWat } = await wabt()
  const text = await readFile(path, 'utf8')
  const binary = parseWat(basename(path), text, { simd: true }).toBinary({}).buffer as Uint8Array<ArrayBuffer>
  const { memory } = wasmBackend().wasm.asm
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { tfjs: { memory } })
  return instance.exports as Functions
}
