import { readBytes, readStandardInput, writeStandardOutput, writeWhole } from '../node/atomic-write.ts'
import { PIPE } from '../node/list-files.ts'
import { findModel } from '../node/model-directory.ts'
import { type Compressed, type CompressOptions, compress } from '../shared/codec/codec.ts'
import { type CompressResponse, compressResponse } from '../shared/codec/compress-response.ts'
import { toBase64Url } from '../shared/codec/container/base64url.ts'
import { LEAST_GRID_BYTES } from '../shared/grid/grid-container.ts'
import { compressLong, type LongCode, longResponse } from '../shared/grid/long-code.ts'
import type { CodeLine } from './codes-file/codes-file.ts'
import type { CompressFormat } from './formats.ts'
import { GridStore, isGrid } from './inputs/grid-store.ts'
import { type ImageInput, readImage } from './inputs/image-input.ts'
import { ModelStore } from './inputs/model-store.ts'
import { lateCrypto } from './jobs/late-crypto.ts'
import type { Job } from './jobs/list-jobs.ts'

export interface CompressSetup {
  /** A model's name or directory. */
  model?: string
  options: CompressOptions
  format: CompressFormat
}

export interface Compression {
  inputBytes: number
  codeBytes: number
  mse: number
  /** For a file of many codes. */
  line?: CodeLine
  /** The file of codes already has the image's line. */
  isUnchanged?: boolean
}

/** Reads one image and writes its code. */
export function compressTask({ model, options, format }: CompressSetup): (job: Job) => Promise<Compression> {
  const grids = new GridStore(model)
  const isNamedGrid = isGrid(model)
  const named = model === undefined || isNamedGrid ? undefined : findModel(model)
  const store = new ModelStore(named ? [named] : [])
  /**
   * Opaque images of the default model, if more bytes are allowed than a preview takes; all images if --model names a
   * grid model.
   */
  const isLong = ({ chosen, coded, alpha }: ImageInput) =>
    coded !== undefined &&
    (isNamedGrid || (!alpha && (options.maxBytes ?? 0) >= LEAST_GRID_BYTES && chosen === store.default))
  return async ({ input, output, record }) => {
    const bytes = await (input === PIPE ? readStandardInput() : readBytes(input))
    const sha256 = record && lateCrypto().createHash('sha256').update(bytes).digest('hex')
    if (record?.sha256 !== undefined && record.sha256 === sha256)
      return { inputBytes: 0, codeBytes: 0, mse: 0, isUnchanged: true }
    const image = await readImage(bytes, store, named)
    const { samples, width, height, alpha } = image
    const loaded = await store.load(image.chosen)
    const grid = isLong(image) ? await grids.load() : undefined
    const compressed: Compressed | LongCode = grid
      ? compressLong(grid, loaded, { ...(await image.coded!()), original: { width, height } }, options)
      : compress(loaded, samples, { ...options, width, height, alpha })
    const done = { inputBytes: bytes.length, codeBytes: compressed.code.length, mse: compressed.mse }
    if (record) return { ...done, line: { path: record.path, sha256, ...describeCode(image, compressed) } }
    const written = render(image, compressed, format)
    await (output === PIPE
      ? writeStandardOutput(written)
      : writeWhole(output, written, { canBeMadeAgain: true }))
    return done
  }
}

/** The same line as in GET /images (docs/bulk.md). */
function describeCode({ chosen, width, height }: ImageInput, compressed: Compressed | LongCode) {
  const { code, mse, inDistribution } = compressed
  const model = 'decoded' in compressed ? compressed.model : chosen.manifest.name
  return { code: toBase64Url(code), model, width, height, bytes: code.length, mse, inDistribution }
}

function render(
  image: ImageInput,
  compressed: Compressed | LongCode,
  format: CompressFormat,
): Uint8Array | string {
  if (format === 'binary') return compressed.code
  if (format === 'base64url') return `${toBase64Url(compressed.code)}\n`
  return `${JSON.stringify(responseOf(image, compressed))}\n`
}

const responseOf = (image: ImageInput, compressed: Compressed | LongCode): CompressResponse =>
  'decoded' in compressed
    ? longResponse(compressed, false)
    : compressResponse(image.chosen.manifest, image, compressed)
