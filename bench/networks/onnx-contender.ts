/** ONNX Runtime for the web, single-threaded: installed by `npm run setup:onnx` (140 MB), left out if it is not. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contender } from './contender.ts'
import type { DenseLayer } from './handwritten-dense.ts'
import { onnxModel } from './onnx-model.ts'

/** The part of onnxruntime-web that is used. */
export interface OnnxRuntime {
  env: { wasm: { numThreads?: number; simd?: boolean } }
  Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => { data: unknown }
  InferenceSession: {
    create(
      model: Uint8Array,
      options: { executionProviders: string[] },
    ): Promise<{ run(feeds: Record<string, unknown>): Promise<Record<string, { data: unknown }>> }>
  }
}

const manifest = join(import.meta.dirname, 'onnx', 'package.json')

/** Undefined if it is not installed, which is printed. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime | undefined> {
  if (!existsSync(join(import.meta.dirname, 'onnx', 'node_modules'))) {
    console.error('ONNX Runtime is left out: npm run setup:onnx installs it')
    return undefined
  }
  const path = createRequire(manifest).resolve('onnxruntime-web')
  const runtime = (await import(pathToFileURL(path).href)) as OnnxRuntime
  Object.assign(runtime.env.wasm, { numThreads: 1, simd: true })
  return runtime
}

export async function onnxContender(
  { InferenceSession, Tensor }: OnnxRuntime,
  layers: DenseLayer[],
  input: Float32Array,
  batch: number,
): Promise<Contender> {
  const session = await InferenceSession.create(onnxModel(layers), { executionProviders: ['wasm'] })
  let output = new Float32Array()
  const run = async () => {
    const { y } = await session.run({ x: new Tensor('float32', input, [batch, input.length / batch]) })
    output = y!.data as Float32Array<ArrayBuffer>
  }
  return { run, read: () => output }
}
