import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { loadModel, type Model } from '../shared/codec/model.ts'
import {
  type Manifest,
  MODEL_PATHS,
  type ModelFiles,
  type PreviewFiles,
  sampleCount,
} from '../shared/manifest.ts'
import type { LayersFile, LayersJson } from '../shared/network/layers/layers-file.ts'
import { provideDrawKernel } from '../shared/preview/kernel/draw-kernel.ts'
import { drawWasmPath } from './installed-files.ts'
import { ModelDirectoryError, readManifest } from './model-directory.ts'
import { planInNode } from './plan-in-node.ts'

provideDrawKernel(() => new WebAssembly.Module(readFileSync(drawWasmPath)))

/** A model's file may not be larger. */
const MAX_PART_BYTES = 2 ** 29

/** Throws ModelDirectoryError. */
export async function readFilesOf(
  directory: string,
  manifest = readManifest(directory),
): Promise<ModelFiles | PreviewFiles> {
  const read = async (path: string) => readPart(join(directory, path))
  const layers = async (paths: { topology: string; weights: string }): Promise<LayersFile> => ({
    topology: parsePart(join(directory, paths.topology), await read(paths.topology)),
    weights: await read(paths.weights),
  })
  const encoder = await layers(MODEL_PATHS.encoder)
  if (manifest.isPreview) return { manifest, encoder, preview: await read(MODEL_PATHS.preview) }
  return {
    manifest,
    encoder,
    tables: await read(MODEL_PATHS.tables),
    decoder: await layers(MODEL_PATHS.decoder),
  }
}

/** Reads a model that has networks and tables. Throws ModelDirectoryError. */
export async function readModelFiles(directory: string): Promise<ModelFiles> {
  const files = await readFilesOf(directory)
  if ('preview' in files)
    throw new ModelDirectoryError(directory, new Error('a preview has no tables and no decoder network'))
  return files
}

async function readPart(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_PART_BYTES) throw new Error(`expected at most ${MAX_PART_BYTES} bytes, got ${size}`)
    return await readFile(path)
  } catch (error) {
    throw new ModelDirectoryError(path, error)
  }
}

function parsePart(path: string, bytes: Uint8Array): LayersJson {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as LayersJson
  } catch (error) {
    throw new ModelDirectoryError(path, error)
  }
}

/**
 * A model directory as a codec, ready to compress and decompress in Node. `manifest`: if it has been read. Throws
 * ModelDirectoryError.
 */
export async function loadModelDirectory(directory: string, manifest?: Manifest): Promise<Model> {
  const files = await readFilesOf(directory, manifest)
  try {
    return await runInNode(files)
  } catch (error) {
    throw new ModelDirectoryError(directory, error)
  }
}

/** Throws LayersFormatError, UnsupportedOpError or RangeError if the files do not fit together. */
export async function runInNode(files: ModelFiles | PreviewFiles): Promise<Model> {
  const { input, latent, unsupportedOps } = files.manifest
  const samples = sampleCount(input)
  const plan = await planInNode(unsupportedOps)
  const encoder = await plan(files.encoder, { inputs: samples, outputs: latent })
  const decoder =
    'preview' in files ? undefined : await plan(files.decoder, { inputs: latent, outputs: samples })
  const model = loadModel(files, (file) => (file === files.encoder ? encoder : decoder!))
  model.entropyModel.check()
  return model
}
