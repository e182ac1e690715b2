import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { registerWasmGradientKernels } from './gradients.ts'
import { registerWasmProducts } from './product-wasm.ts'

let registered = false

/** Makes tfjs-backend-wasm the current backend; it comes with `npm ci`. */
export async function loadWasm(): Promise<void> {
  if (!(await tf.setBackend('wasm')))
    throw new Error('tfjs-backend-wasm did not start: is WebAssembly SIMD disabled in this Node?')
  await tf.ready()
  if (registered) return
  registerWasmGradientKernels()
  await registerWasmProducts()
  registered = true
}
