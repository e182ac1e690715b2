import * as tf from '@tensorflow/tfjs'
import { loadWasm } from '../../node/tensorflow/load-wasm.ts'
import { readStamp } from '../tensorflow/paths.ts'
import { loadTensorFlow } from './load-tensorflow.ts'
import { loadWebGpu, webGpuInstalled } from './load-webgpu.ts'

export const backendNames = ['tensorflow', 'webgpu', 'wasm'] as const
export type BackendName = (typeof backendNames)[number]

interface Backend {
  name: BackendName
  /** Why this backend, for the log. */
  why: string
  /** How to get a faster one; empty if there is no faster one. */
  hint: string
}

/** A backend that was named does not work here. The message says what to do. */
export class BackendError extends Error {
  override name = 'BackendError'
}

/** Makes a backend current and waits for tf. 'auto' takes the fastest that works; a named one never falls back. */
export async function selectBackend(choice: BackendName | 'auto'): Promise<Backend> {
  const backend = choice === 'auto' ? await fastest() : await named(choice)
  await tf.ready()
  return backend
}

async function named(name: BackendName): Promise<Backend> {
  try {
    return { name, why: `named by --backend; ${await load(name)}`, hint: '' }
  } catch (error) {
    throw new BackendError(`the ${name} backend does not work here: ${reason(error)}`, { cause: error })
  }
}

/** Fastest first: TensorFlow on CUDA, WebGPU on a real GPU, TensorFlow on the CPU, wasm. */
async function fastest(): Promise<Backend> {
  const skipped: string[] = []
  const cuda = readStamp()?.flavour === 'cuda'
  const order: BackendName[] = cuda ? ['tensorflow', 'webgpu', 'wasm'] : ['webgpu', 'tensorflow', 'wasm']
  for (const name of order) {
    try {
      const device = await load(name, { softwareGpu: false })
      return {
        name,
        why: `the fastest that works here; ${device}`,
        hint: name === order[0] ? '' : fasterHint(skipped),
      }
    } catch (error) {
      skipped.push(`${name} (${firstSentence(reason(error))})`)
    }
  }
  throw new BackendError(`no backend works here: ${skipped.join('; ')}`)
}

function fasterHint(skipped: string[]): string {
  return `could be faster, but do not work here: ${skipped.join('; ')}`
}

function firstSentence(text: string): string {
  return text.split(/\. |\n/)[0]
}

/** Loads one backend, and says what it runs on. */
async function load(name: BackendName, { softwareGpu = true } = {}): Promise<string> {
  if (name === 'tensorflow') return loadInstalledTensorFlow()
  if (name === 'webgpu') {
    if (!webGpuInstalled()) throw new Error('not installed: run `npm run setup:webgpu`')
    return loadWebGpu({ softwareGpu })
  }
  await loadWasm()
  return 'WebAssembly on one CPU core'
}

async function loadInstalledTensorFlow(): Promise<string> {
  const stamp = readStamp()
  if (!stamp) throw new Error('not installed: run `npm run setup:tensorflow`')
  await loadTensorFlow(stamp.flavour)
  return stamp.flavour === 'cuda' ? 'TensorFlow on CUDA' : 'TensorFlow on the CPU'
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
