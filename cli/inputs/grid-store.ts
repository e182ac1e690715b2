/** The grid models for codes beyond a preview, each loaded when it is first needed. */
import { basename } from 'node:path'
import { isGridDirectory, listGridModels, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { UnknownModelError } from '../../shared/codec/errors.ts'
import type { Model } from '../../shared/codec/model.ts'
import { decompressGrid, type GridDecompressed, openPlanes } from '../../shared/grid/grid-code.ts'
import type { LoadedGridModel } from '../../shared/grid/grid-model.ts'
import { previewReader } from '../../shared/grid/preview-codes.ts'
import type { ModelStore } from './model-store.ts'

export class GridStore {
  readonly #directory: string | undefined
  #model: Promise<LoadedGridModel> | undefined

  /** `named`: a directory, or the name of a shipped model. */
  constructor(named?: string) {
    this.#directory = isGrid(named) ? (directoryOf(named) ?? named) : listGridModels()[0]
  }

  /** Undefined if there is none. */
  load(): Promise<LoadedGridModel> | undefined {
    if (this.#directory === undefined) return undefined
    this.#model ??= loadGridDirectory(this.#directory)
    return this.#model
  }

  /** Throws CodecError, and UnknownModelError if a model that the code names is missing. */
  async decompress(code: Uint8Array, store: ModelStore): Promise<GridDecompressed & { name: string }> {
    const { modelNumber, previewCode } = openPlanes(code)
    const grid = await this.load()
    if (!grid || grid.number !== modelNumber) throw new UnknownModelError(`grid ${modelNumber}`)
    const model: Model = await store.forCode(previewCode)
    return { ...decompressGrid(grid, previewReader({ byId: () => model }), code), name: grid.name }
  }
}

const directoryOf = (name: string | undefined) =>
  listGridModels().find((directory) => basename(directory) === name)

/** Whether --model names a grid model. */
export const isGrid = (named: string | undefined): named is string =>
  named !== undefined && (directoryOf(named) !== undefined || isGridDirectory(named))
