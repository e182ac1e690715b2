/** Grid models on disk: models/NAME with a grid.json. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { GRID_PATHS, type GridManifest, GridManifestSchema } from '../shared/grid/grid-manifest.ts'
import { type GridFiles, type LoadedGridModel, loadGridModel } from '../shared/grid/grid-model.ts'
import type { GridWasm } from '../shared/grid/grid-wasm.ts'
import { readDecoder } from '../shared/grid/networks/compact-decoder.ts'
import { gridWasmPaths, SHIPPED_MODELS } from './installed-files.ts'
import { ModelDirectoryError } from './model-directory.ts'

/** Throws ModelDirectoryError. */
export async function readGridFiles(directory: string): Promise<GridFiles & { manifest: GridManifest }> {
  const read = async (path: string) => new Uint8Array(await readFile(join(directory, path)))
  try {
    const json: unknown = JSON.parse(await readFile(join(directory, GRID_PATHS.manifest), 'utf8'))
    return {
      manifest: v.parse(GridManifestSchema, json),
      tables: await read(GRID_PATHS.tables),
      decoder: await read(GRID_PATHS.decoder),
      encoder: await read(GRID_PATHS.encoder),
    }
  } catch (error) {
    throw new ModelDirectoryError(directory, error)
  }
}

export async function loadGridDirectory(directory: string): Promise<LoadedGridModel> {
  const files = await readGridFiles(directory)
  const wasm = await loadGridWasm()
  try {
    return loadGridModel({ ...files, decoder: readDecoder(files.decoder) }, wasm)
  } catch (error) {
    throw new ModelDirectoryError(directory, error)
  }
}

export async function loadGridWasm(): Promise<GridWasm> {
  const load = async (name: keyof GridWasm) => new WebAssembly.Module(await readFile(gridWasmPaths[name]))
  return {
    convolve: await load('convolve'),
    pixels: await load('pixels'),
    planeCoder: await load('planeCoder'),
  }
}

export const isGridDirectory = (directory: string) => existsSync(join(directory, GRID_PATHS.manifest))

/** Directories of the grid models below a folder. */
export function listGridModels(folder = SHIPPED_MODELS): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(isGridDirectory)
}
