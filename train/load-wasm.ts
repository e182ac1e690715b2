import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { registerWasmGradientKernels } from './gradients.ts'

let registered = false

/** Makes tfjs-backend-wasm the current backend; it comes with `npm ci`. */
export async function loadWasm(): Promise<void> {
  if (!registered) registerWasmGradientKernels()
  registered = true
  if (!(await tf.setBackend('wasm')))
    throw new Error('tfjs-backend-wasm did not start: is WebAssembly SIMD disabled in this Node?')
  await tf.ready()
}
