/** What the codec needs from a model, and how a model is built from its files. */
import type { Manifest, ModelFiles, PreviewFiles } from '../manifest.ts'
import type { LayersFile } from '../network/layers/layers-file.ts'
import type { Network } from '../network/network.ts'
import { previewModel } from '../preview/model.ts'
import type { PreviewParameters } from '../preview/parameters.ts'
import { EntropyModel, splitTables } from './entropy/entropy-model.ts'
import type { SymbolModel } from './entropy/symbols.ts'

/** A model with networks and fitted tables, or a preview, whose decoder and tables are a few integers. */
export type Model = TableModel | PreviewModel

interface Networks {
  manifest: Manifest
  encoder: Network
  decoder: Network
}

export interface TableModel extends Networks {
  entropyModel: EntropyModel
  preview?: undefined
}

export interface PreviewModel extends Networks {
  entropyModel: SymbolModel
  preview: PreviewParameters
}

/** Finds a loaded model by the id in a code. */
export interface ModelRegistry {
  byId(id: string): Model | undefined
}

export function loadModel(files: ModelFiles | PreviewFiles, plan: (file: LayersFile) => Network): Model {
  const { manifest } = files
  if ('preview' in files) return previewModel(manifest, plan(files.encoder), files.preview)
  const entropyModel = new EntropyModel(splitTables(files.tables, manifest.levels.length), manifest.latent)
  return { manifest, entropyModel, encoder: plan(files.encoder), decoder: plan(files.decoder) }
}
