import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { loadModel, type Model } from '../shared/codec/codec.ts'
import { ManifestSchema, MODEL_PATHS, type ModelFiles } from '../shared/manifest.ts'
import type { LayersFile, LayersJson } from '../shared/network/layers/layers-file.ts'
import { planInNode } from './plan-in-node.ts'

export async function readModelFiles(directory: string): Promise<ModelFiles> {
  const read = (path: string) => readFile(join(directory, path))
  const json = async (path: string) => JSON.parse(await readFile(join(directory, path), 'utf8'))
  const layers = async (paths: { topology: string; weights: string }): Promise<LayersFile> => ({
    topology: (await json(paths.topology)) as LayersJson,
    weights: await read(paths.weights),
  })
  return {
    manifest: v.parse(ManifestSchema, await json(MODEL_PATHS.manifest)),
    tables: await read(MODEL_PATHS.tables),
    encoder: await layers(MODEL_PATHS.encoder),
    decoder: await layers(MODEL_PATHS.decoder),
  }
}

/** A model directory as a codec, ready to compress and decompress in Node. */
export async function loadModelDirectory(directory: string): Promise<Model> {
  const files = await readModelFiles(directory)
  return runInNode(files)
}

export async function runInNode(files: ModelFiles): Promise<Model> {
  const plan = await planInNode(files.manifest.unsupportedOps)
  const networks = new Map([
    [files.encoder, await plan(files.encoder)],
    [files.decoder, await plan(files.decoder)],
  ])
  const model = loadModel(files, (file) => networks.get(file)!)
  model.entropyModel.check()
  return model
}
