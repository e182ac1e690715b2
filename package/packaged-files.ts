/** The npm package's version of node/installed-files.ts: every chunk is in node/, beside models/ and wasm/. */
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

export const SHIPPED_MODELS = join(root, 'models')
export const simdWasmPath = join(root, 'wasm', 'tfjs-backend-wasm-simd.wasm')
export const ownWasmPath = join(root, 'wasm', 'own-kernels.wasm')
export const gridWasmPaths = {
  convolve: join(root, 'wasm', 'convolve.wasm'),
  pixels: join(root, 'wasm', 'pixels.wasm'),
  planeCoder: join(root, 'wasm', 'plane-coder.wasm'),
}
export const drawWasmPath = join(root, 'wasm', 'draw.wasm')
export const jpegScanWasmPath = join(root, 'wasm', 'jpeg-scan.wasm')
export const libwebpPath = join(root, 'wasm', 'webp_dec.wasm')
