/** What a grid model's directory holds: grid.json, tables.bin, decoder.bin, encoder.bin, record.json. */
import * as v from 'valibot'
import type { Kernels } from '../network/kernels/kernels.ts'
import type { GridModel } from './grid-codec.ts'
import { CHANNELS } from './grid-shape.ts'
import { Buffers } from './networks/convolutions.ts'
import { GridDecoder, GridEncoder } from './networks/grid-networks.ts'
import { DECODER_LAYERS, ENCODER_LAYERS, weightCount } from './networks/layer-shapes.ts'
import { type GridTables, WEIGHT_COUNT } from './planes/context-tables.ts'

export const GRID_PATHS = {
  manifest: 'grid.json',
  tables: 'tables.bin',
  decoder: 'decoder.bin',
  encoder: 'encoder.bin',
  record: 'record.json',
} as const

export const GridManifestSchema = v.object({
  format: v.literal(1, 'a grid model of another format: export it again'),
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected a name of a-z, 0-9 and -')),
  /** In codes: of what decoding needs, see gridNumber(). */
  number: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(63)),
  created: v.string(),
})
export type GridManifest = v.InferOutput<typeof GridManifestSchema>

export interface GridFiles {
  manifest: GridManifest
  /** int8 weights [WEIGHT_COUNT], then partners [2 * CHANNELS]: contexts.ts. */
  tables: Uint8Array
  /** bfloat16, little-endian: the layers in the order of layer-shapes.ts, kernel then bias. */
  decoder: Uint8Array
  encoder?: Uint8Array
}

export interface LoadedGridModel extends GridModel {
  number: number
  name: string
}

/** Throws RangeError if a file has another length than its part takes. */
export function loadGridModel({ manifest, ...files }: GridFiles, kernels: Kernels): LoadedGridModel {
  const decoder = floatsOf(files.decoder, weightCount(DECODER_LAYERS), GRID_PATHS.decoder)
  const buffers = new Buffers(kernels)
  const model = {
    ...{ number: manifest.number, name: manifest.name, tables: tablesOf(files.tables) },
    decoder: new GridDecoder(kernels, decoder, buffers),
  }
  if (!files.encoder) return model
  const encoder = floatsOf(files.encoder, weightCount(ENCODER_LAYERS), GRID_PATHS.encoder)
  return { ...model, encoder: new GridEncoder(kernels, encoder, buffers) }
}

function tablesOf(bytes: Uint8Array): GridTables {
  const expected = WEIGHT_COUNT + 2 * CHANNELS
  if (bytes.length !== expected)
    throw new RangeError(`${GRID_PATHS.tables}: expected ${expected} bytes, got ${bytes.length}`)
  const partners = bytes.slice(WEIGHT_COUNT)
  if (partners.some((channel) => channel >= CHANNELS))
    throw new RangeError(`${GRID_PATHS.tables}: no such channel`)
  return { weights: new Int8Array(bytes.slice(0, WEIGHT_COUNT).buffer), partners }
}

function floatsOf(bytes: Uint8Array, count: number, path: string): Float32Array {
  if (bytes.length !== 2 * count)
    throw new RangeError(`${path}: expected ${2 * count} bytes, got ${bytes.length}`)
  const words = new Uint32Array(count)
  for (let i = 0; i < count; i++) words[i] = (bytes[2 * i] << 16) | (bytes[2 * i + 1] << 24)
  return new Float32Array(words.buffer)
}

/** Rounded to the nearest, ties to even. */
export function bfloat16Bytes(floats: Float32Array): Uint8Array {
  const words = new Uint32Array(floats.slice().buffer)
  const bytes = new Uint8Array(2 * floats.length)
  words.forEach((word, i) => {
    const rounded = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
    bytes[2 * i] = rounded
    bytes[2 * i + 1] = rounded >>> 8
  })
  return bytes
}

/** FNV-1a over what decoding needs, folded to 6 bits: so that a code is not drawn by another model. */
export function gridNumber({ tables, decoder }: Pick<GridFiles, 'tables' | 'decoder'>): number {
  let hash = 0x811c9dc5
  for (const bytes of [tables, decoder])
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return (hash ^ (hash >>> 6) ^ (hash >>> 12) ^ (hash >>> 18) ^ (hash >>> 24)) & 63
}
