/** The models this isolate serves. Manifests are there from the start, networks from their first use on. */

import { unpackContainer } from '../../shared/codec/container/container.ts'
import { levelOf } from '../../shared/codec/container/payload.ts'
import { EntropyModel, splitTables } from '../../shared/codec/entropy/entropy-model.ts'
import { UnknownModelError } from '../../shared/codec/errors.ts'
import type { Model, ModelRegistry, TableModel } from '../../shared/codec/model.ts'
import { type ImageShape, type Manifest, MODEL_PATHS, sampleCount } from '../../shared/manifest.ts'
import { loadNetwork } from '../../shared/network/executor.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import type { NetworkPlan } from '../../shared/network/network-plan.ts'
import { SERVED_FILE, type ServedModel } from '../../shared/network/served-model.ts'
import { previewModel } from '../../shared/preview/model.ts'
import { Problem } from '../http/problem.ts'
import { Grids } from './grids.ts'
import { Pieces } from './pieces.ts'

export const MODEL_INDEX = '/static/models/index.json'

/** How long a request waits for a model that another request is loading before it loads the model itself. */
const SHARED_LOAD_MS = 5_000

export class Models implements ModelRegistry {
  /** Newest first, so that a new model of a shape takes over from an older one. */
  readonly manifests: readonly ServedModel[]
  /** For codes beyond a preview. */
  readonly grids: Grids
  readonly #kernels: Kernels
  readonly #assets: Fetcher
  readonly #defaultModel: string | undefined
  readonly #loaded = new Map<string, Model>()
  readonly #loading = new Map<string, Promise<Model>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(kernels: Kernels, assets: Fetcher, manifests: ServedModel[], defaultModel: string | undefined) {
    this.#kernels = kernels
    this.#assets = assets
    this.grids = new Grids((path) => fetchAsset(assets, path))
    this.#defaultModel = defaultModel
    // Times are in ISO 8601. Not by localeCompare(), which first reads all of V8's locales: 4 ms of every start.
    this.manifests = manifests.toSorted(
      (a, b) => Number(a.created < b.created) - Number(a.created > b.created),
    )
  }

  /** Only models that are loaded already; see forCode. */
  byId(id: string): Model | undefined {
    return this.#loaded.get(id)
  }

  /** By name or by the id that codes carry. Throws 404. */
  named(nameOrId: string): ServedModel {
    const manifest = this.manifests.find(({ name, id }) => name === nameOrId || id === nameOrId)
    if (manifest) return manifest
    const served = this.manifests.map(({ name }) => name)
    throw new Problem(
      'unknown-model',
      `there is no model ${quoted(nameOrId)}; the models are ${served.join(', ')}`,
      {
        served,
      },
    )
  }

  /** For images whose shape is no model's. */
  get default(): Manifest {
    const byName = this.manifests.find(({ name }) => name === this.#defaultModel)
    const manifest = byName ?? this.manifests[0]
    if (!manifest) throw new Problem('unknown-model', 'no model is deployed with this service')
    return manifest
  }

  /** The default model if it fits, otherwise the newest that does. */
  #preferred(fits: (shape: ImageShape) => boolean): Manifest | undefined {
    if (this.manifests.length > 0 && fits(this.default.input)) return this.default
    return this.manifests.find(({ input }) => fits(input))
  }

  withShape({ height, width, channels }: ImageShape): Manifest | undefined {
    return this.#preferred(
      (input) => input.height === height && input.width === width && input.channels === channels,
    )
  }

  withSampleCount(count: number): Manifest | undefined {
    return this.#preferred((input) => sampleCount(input) === count)
  }

  /**
   * A model's networks and the tables of its default level, which are all that most requests need. Loaded from the
   * assets if they are not in memory yet.
   */
  load(manifest: Manifest): Model | Promise<Model> {
    return this.#loaded.get(manifest.id) ?? this.#loadShared(manifest)
  }

  /** The same with the tables of all levels. */
  loadComplete(manifest: Manifest): Model | Promise<Model> {
    const loaded = this.#loaded.get(manifest.id)
    return loaded?.entropyModel.isComplete ? loaded : this.#complete(manifest)
  }

  async #complete(manifest: Manifest): Promise<Model> {
    const model = await this.load(manifest)
    return this.#inTurn(async () => {
      if (model.entropyModel.isComplete) return model
      const tables = await fetchAsset(this.#assets, modelPath(manifest, MODEL_PATHS.tables))
      const bytes = new Uint8Array(await tables.arrayBuffer())
      ;(model as TableModel).entropyModel.complete(splitTables(bytes, manifest.levels.length))
      return model
    })
  }

  /** The model with the tables that a code needs. Throws CodecError, and UnknownModelError if the model is not served. */
  forCode(code: Uint8Array): Model | Promise<Model> {
    const { modelId, payload } = unpackContainer(code)
    const manifest = this.manifests.find(({ id }) => id === modelId)
    if (!manifest) throw new UnknownModelError(modelId)
    return manifest.isPreview || levelOf(payload, manifest) === manifest.defaultLevel
      ? this.load(manifest)
      : this.loadComplete(manifest)
  }

  /**
   * Requests that come while a model loads wait for the same load, so a burst does not fetch it many times. But the
   * load belongs to one request: if its client leaves, workerd may cancel it without settling the promise. Hence the
   * time limit on waiting.
   */
  async #loadShared(manifest: Manifest): Promise<Model> {
    const shared = this.#loading.get(manifest.id)
    if (shared) {
      const model = await Promise.race([shared.catch(() => undefined), pause(SHARED_LOAD_MS)])
      if (model) return model
    }
    const own = this.#read(manifest)
    this.#loading.set(manifest.id, own)
    try {
      return await own
    } finally {
      if (this.#loading.get(manifest.id) === own) this.#loading.delete(manifest.id)
    }
  }

  #read(manifest: Manifest): Promise<Model> {
    return this.#inTurn(async () =>
      this.#keep(this.#loaded.get(manifest.id) ?? (await this.#fetchModel(manifest))),
    )
  }

  /** One after another, as the files of two models at once would double the peak of memory. */
  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    try {
      await Promise.race([before, pause(SHARED_LOAD_MS)])
      return await read()
    } finally {
      resolve()
    }
  }

  /** If a model was loaded twice after all, the first one stays and the second is disposed, since networks hold wasm memory. */
  #keep(model: Model): Model {
    const first = this.#loaded.get(model.manifest.id) ?? model
    this.#loaded.set(model.manifest.id, first)
    if (first === model) return model
    model.encoder.dispose()
    model.decoder.dispose()
    return first
  }

  async #fetchModel(manifest: Manifest): Promise<Model> {
    const { networks, bytes } = this.named(manifest.id)
    const pieces = new Pieces(await fetchAsset(this.#assets, modelPath(manifest, SERVED_FILE)))
    try {
      const load = (plan: NetworkPlan, part: 'encoder' | 'decoder') =>
        loadNetwork(this.#kernels, plan, (write) => pieces.read(bytes[part], write))
      if (!networks.decoder) {
        const preview = new Uint8Array(bytes.decoder)
        await pieces.fill(preview)
        return previewModel(manifest, await load(networks.encoder, 'encoder'), preview)
      }
      const tables = new Uint8Array(bytes.levelTables)
      await pieces.fill(tables)
      const isDefault = (level: number) => level === manifest.defaultLevel
      const parts = manifest.levels.map((_, level) => (isDefault(level) ? tables : undefined))
      const entropyModel = new EntropyModel(parts, manifest.latent)
      await entropyModel.level(manifest.defaultLevel).readSearchCosts((costs) => pieces.fill(costs))
      const encoder = await load(networks.encoder, 'encoder')
      const decoder = await load(networks.decoder, 'decoder')
      return { manifest, entropyModel, encoder, decoder }
    } finally {
      pieces.cancel()
    }
  }
}

const modelPath = ({ name }: Manifest, file: string) => `/static/models/${name}/${file}`

export async function fetchAsset(assets: Fetcher, path: string): Promise<Response> {
  const response = await assets.fetch(`https://assets.invalid${path}`)
  if (!response.ok) throw new Error(`the asset ${path} has status ${response.status}: run \`npm run build\``)
  return response
}

const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms))

/** A client's text for a message: shortened, and without control characters. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)
}
