/** A grid model, from the files of its directory. */
import type { GridModel } from './grid-codec.ts'
import type { GridManifest } from './grid-manifest.ts'
import { CHANNELS } from './grid-shape.ts'
import type { GridWasm } from './grid-wasm.ts'
import { type DecoderWeights, GridDecoder, GridEncoder } from './networks/grid-networks.ts'
import { Convolver } from './networks/kernels/convolver.ts'
import {
  DECODER_LAYERS,
  type DecoderLayer,
  ENCODER_LAYERS,
  type EncoderLayer,
  TAPS,
} from './networks/layer-shapes.ts'
import { packLayers, unpackLayers } from './networks/layers-bytes.ts'
import { type GridTables, PARTNER_COUNT, WEIGHT_COUNT } from './planes/context-tables.ts'
import { PlaneCoder } from './planes/plane-coder.ts'

export interface GridFiles {
  manifest: Pick<GridManifest, 'name' | 'number'>
  /** int8 weights [WEIGHT_COUNT], then partners [PARTNER_COUNT]: context-tables.ts. */
  tables: Uint8Array
  /** compact-decoder.ts */
  decoder: Uint8Array
  /** layers-bytes.ts; left out if the model only decodes. */
  encoder?: Uint8Array
}

export interface LoadedGridModel extends GridModel {
  number: number
  name: string
}

export const ENCODER_NAMES = Object.keys(ENCODER_LAYERS) as EncoderLayer[]
const DECODER_NAMES = Object.keys(DECODER_LAYERS) as DecoderLayer[]

/** A decoder as a service keeps it: what readDecoder() makes of its compact bytes in 50 ms, to be copied in one. */
export function packExpanded({ layers, steps }: DecoderWeights): Uint8Array {
  const tail = Int32Array.of(...steps[0], ...steps[1])
  return new Uint8Array([...packLayers(DECODER_NAMES, layers), ...new Uint8Array(tail.buffer)])
}

/** Throws RangeError if there are more bytes or fewer. */
export function unpackExpanded(bytes: Uint8Array): DecoderWeights {
  const count = TAPS['dec.first'].outputs
  const end = bytes.length - 8 * count
  const steps = new Int32Array(bytes.slice(end).buffer)
  return {
    layers: unpackLayers(DECODER_NAMES, bytes.subarray(0, end)),
    steps: [steps.slice(0, count), steps.slice(count)],
  }
}

/** Throws RangeError if a file has another length than its part takes. */
export function loadGridModel(
  { manifest, decoder, ...files }: Omit<GridFiles, 'decoder'> & { decoder: DecoderWeights },
  wasm: GridWasm,
): LoadedGridModel {
  const convolver = new Convolver(wasm)
  const model = {
    ...{ number: manifest.number, name: manifest.name },
    planes: new PlaneCoder(wasm.planeCoder, tablesOf(files.tables)),
    decoder: new GridDecoder(convolver, decoder),
  }
  if (!files.encoder) return model
  return { ...model, encoder: new GridEncoder(convolver, unpackLayers(ENCODER_NAMES, files.encoder)) }
}

function tablesOf(bytes: Uint8Array): GridTables {
  const expected = WEIGHT_COUNT + PARTNER_COUNT
  if (bytes.length !== expected)
    throw new RangeError(`tables.bin: expected ${expected} bytes, got ${bytes.length}`)
  const partners = bytes.slice(WEIGHT_COUNT)
  if (partners.some((channel) => channel >= CHANNELS)) throw new RangeError(`tables.bin: no such channel`)
  return { weights: new Int8Array(bytes.slice(0, WEIGHT_COUNT).buffer), partners }
}

/** FNV-1a over what decoding needs, folded to 6 bits: so that a code is not drawn by another model. */
export function gridNumber({ tables, decoder }: Pick<GridFiles, 'tables' | 'decoder'>): number {
  let hash = 0x811c9dc5
  for (const bytes of [tables, decoder])
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return (hash ^ (hash >>> 6) ^ (hash >>> 12) ^ (hash >>> 18) ^ (hash >>> 24)) & 63
}
