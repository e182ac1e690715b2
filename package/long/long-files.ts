/** The model of long codes and its wasm, from this repository. scripts/package/long-files.ts replaces it in the npm package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GRID_PATHS } from '../../shared/grid/grid-manifest.ts'

const root = join(import.meta.dirname, '..', '..')
const read = async (...path: string[]) => new Uint8Array(await readFile(join(root, ...path)))

export const longFiles = async () => ({
  tables: await read('models', 'grid', GRID_PATHS.tables),
  decoder: await read('models', 'grid', GRID_PATHS.decoder),
  convolve: await read('shared', 'grid', 'networks', 'kernels', 'convolve.wasm'),
  pixels: await read('shared', 'grid', 'networks', 'kernels', 'pixels.wasm'),
  planeCoder: await read('shared', 'grid', 'planes', 'plane-coder.wasm'),
})
