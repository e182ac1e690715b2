/**
 * Where npm and this repository put the files that Node programs open. In the npm package, package/packaged-files.ts
 * takes the place of this file.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

const installed = createRequire(import.meta.url).resolve
const root = join(import.meta.dirname, '..')

export const SHIPPED_MODELS = join(root, 'models')

/** The same wasm file that the worker and the page have in their bundles. */
export const simdWasmPath = installed('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm')

export const ownWasmPath = join(root, 'shared', 'network', 'kernels', 'own-kernels.wasm')

export const drawWasmPath = join(root, 'shared', 'preview', 'kernel', 'draw.wasm')

/** Of the grid codec. */
export const gridWasmPaths = {
  convolve: join(root, 'shared', 'grid', 'networks', 'kernels', 'convolve.wasm'),
  pixels: join(root, 'shared', 'grid', 'networks', 'kernels', 'pixels.wasm'),
  planeCoder: join(root, 'shared', 'grid', 'planes', 'plane-coder.wasm'),
}

export const jpegScanWasmPath = join(root, 'shared', 'images', 'jpeg', 'kernel', 'jpeg-scan.wasm')

export const libwebpPath = installed('@jsquash/webp/codec/dec/webp_dec.wasm')
