import { readFilesOf, runInNode } from '../node/load-model.ts'
import { findModel } from '../node/model-directory.ts'
import type { Model } from '../shared/codec/model.ts'

interface NamedModel {
  model: Model
  /** Size of weights and tables on disk. */
  weightBytes: number
}

/** A shipped model by its name, or any model by its directory. Each is read once. */
export async function openNamedModel(nameOrDirectory: string): Promise<NamedModel> {
  const files = await readFilesOf(findModel(nameOrDirectory).directory)
  const decoding = 'preview' in files ? [files.preview] : [files.decoder.weights, files.tables]
  const weightBytes = decoding.reduce((sum, { length }) => sum + length, files.encoder.weights.length)
  return { model: await runInNode(files), weightBytes }
}

/** As results/*.json name it. */
export function describeModel({ model, weightBytes }: NamedModel) {
  const { name, id } = model.manifest
  return { name, id, weightBytes, macs: model.encoder.macs + model.decoder.macs }
}
