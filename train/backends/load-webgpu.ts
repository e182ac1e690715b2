import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'

const packageFolder = join(import.meta.dirname, '..', 'webgpu')

export function webGpuInstalled(): boolean {
  return existsSync(join(packageFolder, 'node_modules/webgpu/dist'))
}

interface Dawn {
  create(options: string[]): GPU
  globals: Record<string, unknown>
}

/** Gives Node a navigator.gpu (Dawn), then registers tfjs-backend-webgpu and makes it current. Returns what it runs on. */
export async function loadWebGpu(options: { softwareGpu: boolean }): Promise<string> {
  const require = createRequire(join(packageFolder, 'package.json'))
  const gpu = installDawn(require('webgpu') as Dawn)
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  if (!adapter) throw new Error(noAdapter)
  const name = describe(adapter.info)
  if (!options.softwareGpu && isSoftware(adapter.info))
    throw new Error(`only a software GPU here (${name}), slower than the CPU`)
  require('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error(`tfjs-backend-webgpu did not start on ${name}`)
  await tf.ready()
  return name
}

const noAdapter =
  'no GPU driver found. Linux: install a Vulkan driver (apt install mesa-vulkan-drivers for AMD and Intel, the NVIDIA ' +
  'driver for NVIDIA; vulkaninfo --summary must list the GPU). macOS (Metal) and Windows (Direct3D 12) need none. ' +
  'To try without a GPU: SwiftShader, as in docs/training.md.'

// Kept for the life of the process: Dawn aborts if an instance is garbage-collected while its device is in use.
let installed: GPU | undefined

/** tfjs-backend-webgpu needs a browser's globals: navigator.gpu, GPUBufferUsage and the like, and window. */
function installDawn(dawn: Dawn): GPU {
  if (installed) return installed
  const gpu = dawn.create([])
  installed = gpu
  Object.assign(globalThis, dawn.globals)
  Object.defineProperty(globalThis, 'window', { value: globalThis, configurable: true, writable: true })
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true })
  return gpu
}

function describe(info: GPUAdapterInfo): string {
  return info.description || info.device || `${info.vendor} ${info.architecture}`.trim() || 'an unnamed GPU'
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(`${describe(info)} ${info.architecture}`)
  )
}
