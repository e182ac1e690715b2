/** This isolate's wasm kernels and models, and how they recover from a trap. */
import wasm from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'
import { type Kernels, KernelsError, loadKernels } from '../../shared/network/kernels/kernels.ts'
import own from '../../shared/network/kernels/own-kernels.wasm'
import type { ServedModel } from '../../shared/network/served-model.ts'
import '../wasm-workerd.ts'
import { log } from '../log.ts'
import { type Bindings, settingsOf } from '../settings.ts'
import { fetchAsset, MODEL_INDEX, Models } from './models.ts'
import { warmUp } from './warm-up.ts'

let current: Models | undefined

/** Instantiated while the isolate starts, for its first `Models`. */
let ready: Kernels | undefined = await loadKernels(wasm, own)
await warmUp(ready)

/**
 * Runs `work` with this isolate's models. After a trap nothing in the wasm memory can be trusted, so the kernels are
 * instantiated again and the work is repeated, and the request still succeeds. If it traps again, only this request
 * fails: the next one gets fresh kernels.
 */
export async function withModels<T>(
  bindings: Bindings,
  work: (models: Models) => T | Promise<T>,
): Promise<T> {
  const models = current ?? (await start(bindings))
  try {
    return await work(models)
  } catch (error) {
    if (!isTrap(error)) throw error
    drop(models, error)
  }
  const fresh = current ?? (await start(bindings))
  try {
    return await work(fresh)
  } catch (error) {
    if (isTrap(error)) drop(fresh, error)
    throw error
  }
}

async function start(bindings: Bindings): Promise<Models> {
  const index = await fetchAsset(bindings.ASSETS, MODEL_INDEX)
  const manifests = (await index.json()) as ServedModel[]
  if (current !== undefined) return current // another request was faster
  const kernels = ready ?? (await loadKernels(wasm, own))
  ready = undefined
  current ??= new Models(kernels, bindings.ASSETS, manifests, settingsOf(bindings).defaultModel)
  return current
}

/** Everything that wasm throws: out of memory, out of bounds, unreachable, a kernel's error. */
function isTrap(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError || error instanceof KernelsError
}

function drop(models: Models, error: Error): void {
  if (current === models) current = undefined
  log({ event: 'trap', message: error.message, stack: error.stack })
}
