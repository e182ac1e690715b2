/** Compresses one image, with the models that this thread has loaded. */

import { GridStore } from '../cli/inputs/grid-store.ts'
import { type ImageInput as ReadImage, readImage } from '../cli/inputs/image-input.ts'
import { ModelStore } from '../cli/inputs/model-store.ts'
import { readBytes } from '../node/atomic-write.ts'
import { findModel, type ModelDirectory } from '../node/model-directory.ts'
import { compress } from '../shared/codec/codec.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import { LEAST_GRID_BYTES } from '../shared/grid/grid-container.ts'
import { compressLong, type LongCode } from '../shared/grid/long-code.ts'
import { fitPixels } from './fit-pixels.ts'
import type { CompressedImage, CompressOptions, ImageInput, Pixels } from './types.ts'

const stores = new Map<string | undefined, ModelStore>()

/** The shipped models, and a model that is named. */
export function storeWith(model?: string): ModelStore {
  const store = stores.get(model) ?? new ModelStore(model === undefined ? [] : [model])
  stores.set(model, store)
  return store
}

/** For codes beyond a preview. */
export const grids = new GridStore()

export async function compressOne(
  input: ImageInput,
  { model, maxBytes, targetPsnrDb }: CompressOptions = {},
): Promise<CompressedImage> {
  const store = storeWith(model)
  const image = await read(input, store, model === undefined ? undefined : findModel(model))
  const { width, height } = image
  const short = image.chosen.manifest.name
  const {
    code,
    psnrDb,
    inDistribution,
    model: used = short,
  } = await codeOf(image, store, { maxBytes, targetPsnrDb })
  return { code: toBase64Url(code), bytes: code, width, height, model: used, psnrDb, inDistribution }
}

type Code = Pick<LongCode, 'code' | 'psnrDb' | 'inDistribution'> & { model?: string }

/** Opaque images of the default model get a long code if more bytes are allowed than a preview takes. */
async function codeOf(image: ReadImage, store: ModelStore, bounds: CompressOptions): Promise<Code> {
  const { chosen, samples, width, height, alpha, coded } = image
  const model = await store.load(chosen)
  const isLong = !alpha && chosen === store.default && (bounds.maxBytes ?? 0) >= LEAST_GRID_BYTES
  const grid = isLong && coded ? await grids.load() : undefined
  if (!grid || !coded) return compress(model, samples, { ...bounds, width, height, alpha })
  return compressLong(grid, model, { ...(await coded()), original: { width, height } }, bounds)
}

async function read(input: ImageInput, store: ModelStore, named?: ModelDirectory): Promise<ReadImage> {
  if (isPixels(input)) return fitPixels(input, named ?? store.default)
  return readImage(await fileBytes(input), store, named)
}

const isPixels = (input: ImageInput): input is Pixels =>
  typeof input === 'object' && 'data' in input && 'width' in input

async function fileBytes(input: Exclude<ImageInput, Pixels>): Promise<Uint8Array> {
  if (typeof input === 'string' || input instanceof URL) return readBytes(input)
  if (input instanceof Uint8Array) return input
  if (input instanceof ArrayBuffer) return new Uint8Array(input)
  if (input instanceof Blob) return new Uint8Array(await input.arrayBuffer())
  throw new TypeError(
    'expected a path, a file URL, the bytes of an image file, or pixels {data, width, height}',
  )
}
