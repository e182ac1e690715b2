/** Refuses a run at the start if it would run out of memory later. */
import { availableMemory } from 'node:process'
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import type { BackendName } from './backends/backend.ts'
import { networkSize } from './networks/network-size.ts'
import type { RunSettings } from './settings.ts'

const floatBytes = 4
/** Node, the libraries, and the images kept for validation and statistics. */
const baseBytes = { wasm: 0.4e9, webgpu: 0.7e9, tensorflow: 0.9e9 }
/** Copies of the weights' size: weights, gradient, two moments, and one while they are updated or written. */
const copiesOfWeights = 5
/** A step keeps every layer's output and gradient, and a few more tensors of the images' size. */
const copiesOfActivations = 3
const copiesOfBatch = 6
/** WebAssembly addresses 4 GiB. */
const wasmBytes = 3.6e9

export function memoryOfRun(
  { networks, optimization }: RunSettings,
  shape: ImageShape,
  backend: BackendName,
): { weightBytes: number; batchBytes: number; totalBytes: number } {
  const { weights, activations } = networkSize(networks, shape)
  const weightBytes = floatBytes * copiesOfWeights * weights
  const perImage = copiesOfActivations * activations + copiesOfBatch * sampleCount(shape)
  const batchBytes = floatBytes * optimization.batch * perImage
  return { weightBytes, batchBytes, totalBytes: baseBytes[backend] + weightBytes + batchBytes }
}

/** Throws an error that says what to change. `available`: bytes that this process may still use. */
export function checkMemory(
  settings: RunSettings,
  shape: ImageShape,
  backend: BackendName,
  available = availableMemory(),
): void {
  const { weightBytes, batchBytes, totalBytes } = memoryOfRun(settings, shape, backend)
  const limit = backend === 'wasm' ? Math.min(wasmBytes, available) : available
  if (totalBytes <= limit) return
  const { height, width, channels } = shape
  const { batch } = settings.optimization
  const remedy =
    weightBytes > batchBytes
      ? `smaller networks (--encoder-widths 32 --decoder-widths 32, or --encoder cnn --decoder cnn)`
      : `a smaller --batch than ${batch}`
  throw new Error(
    `training on images of ${height}x${width}x${channels} takes about ${gigabytes(totalBytes)} of memory ` +
      `(${gigabytes(weightBytes)} for the networks, ${gigabytes(batchBytes)} for a batch of ${batch}); ` +
      `${gigabytes(limit)} are available on the ${backend} backend. Try ${remedy}, or a smaller --size`,
  )
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
