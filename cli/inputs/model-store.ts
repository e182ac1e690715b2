/** The models a command may use, each loaded when it is first needed. */

import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel, listModels, type ModelDirectory } from '../../node/model-directory.ts'
import { unpackContainer } from '../../shared/codec/container/container.ts'
import { UnknownModelError } from '../../shared/codec/errors.ts'
import type { Model, ModelRegistry } from '../../shared/codec/model.ts'
import type { ImageShape, Manifest } from '../../shared/manifest.ts'

/** For images whose exact shape is no model's, like DEFAULT_MODEL in wrangler.toml. */
const DEFAULT_MODEL = 'preview'

export class ModelStore implements ModelRegistry {
  private readonly named: ModelDirectory[]
  private listed: readonly ModelDirectory[] | undefined
  private readonly loading = new Map<string, Promise<Model>>()
  private readonly loaded = new Map<string, Model>()

  constructor(named: (string | ModelDirectory)[] = []) {
    this.named = named.map((each) => (typeof each === 'string' ? findModel(each) : each))
  }

  /** The shipped models, preceded by those that are named. Read when they are needed: that takes 10 ms. */
  get directories(): readonly ModelDirectory[] {
    this.listed ??= [...this.named, ...listModels()]
    return this.listed
  }

  /** Only models that are loaded already; see forCode. */
  byId(id: string): Model | undefined {
    return this.loaded.get(id)
  }

  /** Once, even if it is asked for twice at the same time. */
  async load({ directory, manifest }: ModelDirectory): Promise<Model> {
    const loading = this.loading.get(manifest.id) ?? loadModelDirectory(directory, manifest)
    this.loading.set(manifest.id, loading)
    const model = await loading
    this.loaded.set(manifest.id, model)
    return model
  }

  /** Loads the model that a code names. Throws CodecError, and UnknownModelError if it is missing. */
  async forCode(code: Uint8Array): Promise<Model> {
    const { modelId } = unpackContainer(code)
    const found = this.directories.find(({ manifest }) => manifest.id === modelId)
    if (!found) throw new UnknownModelError(modelId)
    return this.load(found)
  }

  /** The model of exactly this shape: the default if it fits, else the newest. */
  withShape({ height, width, channels }: ImageShape): ModelDirectory | undefined {
    return this.preferred(
      ({ input }) => input.height === height && input.width === width && input.channels === channels,
    )
  }

  preferred(fits: (manifest: Manifest) => boolean): ModelDirectory | undefined {
    const fitting = this.directories.filter(({ manifest }) => fits(manifest))
    return (
      fitting.find(({ manifest }) => manifest.name === DEFAULT_MODEL) ??
      fitting.toSorted((a, b) => b.manifest.created.localeCompare(a.manifest.created))[0]
    )
  }

  /** For images of any other shape. */
  get default(): ModelDirectory {
    const found = this.preferred(() => true)
    if (!found)
      throw new Error('there is no model: name one with --model, or train one with `latent64 train`')
    return found
  }
}
