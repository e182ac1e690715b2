/** The service's grid models, for codes beyond a preview. Read from the assets when they are first needed. */
import { UnknownModelError } from '../../shared/codec/errors.ts'
import { EXPANDED_DECODER, GRID_PATHS, type GridManifest } from '../../shared/grid/grid-manifest.ts'
import { type LoadedGridModel, loadGridModel, unpackExpanded } from '../../shared/grid/grid-model.ts'
import convolve from '../../shared/grid/networks/kernels/convolve.wasm'
import pixels from '../../shared/grid/networks/kernels/pixels.wasm'
import planeCoder from '../../shared/grid/planes/plane-coder.wasm'

const GRID_INDEX = '/static/models/grids.json'

type Read = (path: string) => Promise<Response>

export class Grids {
  readonly #read: Read
  #manifests: Promise<GridManifest[]> | undefined
  readonly #loaded = new Map<string, LoadedGridModel>()

  constructor(read: Read) {
    this.#read = read
  }

  /** Newest first. */
  async manifests(): Promise<GridManifest[]> {
    this.#manifests ??= this.#read(GRID_INDEX).then((response) => response.json())
    try {
      const all = await this.#manifests
      return all.toSorted((a, b) => Number(a.created < b.created) - Number(a.created > b.created))
    } catch (error) {
      this.#manifests = undefined
      throw error
    }
  }

  /** The model for new codes; undefined if this service has no grid model. */
  async newest(): Promise<LoadedGridModel | undefined> {
    const [manifest] = await this.manifests()
    return manifest && this.#load(manifest)
  }

  /** The model of a code, by its number. Throws UnknownModelError. */
  async numbered(number: number): Promise<LoadedGridModel> {
    const manifest = (await this.manifests()).find((each) => each.number === number)
    if (!manifest) throw new UnknownModelError(`grid ${number}`)
    return this.#load(manifest)
  }

  async #load(manifest: GridManifest): Promise<LoadedGridModel> {
    const found = this.#loaded.get(manifest.name)
    if (found) return found
    const bytes = async (path: string) => {
      const response = await this.#read(`/static/models/${manifest.name}/${path}`)
      return new Uint8Array(await response.arrayBuffer())
    }
    const tables = await bytes(GRID_PATHS.tables)
    const decoder = await bytes(EXPANDED_DECODER)
    const encoder = await bytes(GRID_PATHS.encoder)
    const model =
      this.#loaded.get(manifest.name) ??
      loadGridModel(
        { manifest, tables, decoder: unpackExpanded(decoder), encoder },
        { convolve, pixels, planeCoder },
      )
    this.#loaded.set(manifest.name, model)
    return model
  }
}
