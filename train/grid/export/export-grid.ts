/** Trained networks -> a model directory: channels in order of importance, and the entropy model fitted to photographs. */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { loadNodeKernels } from '../../../node/node-kernels.ts'
import {
  type DrawPreview,
  encodeGrid,
  type GridModel,
  quantizedLatents,
} from '../../../shared/grid/grid-codec.ts'
import {
  bfloat16Bytes,
  GRID_PATHS,
  type GridManifest,
  gridNumber,
  loadGridModel,
} from '../../../shared/grid/grid-model.ts'
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { DECODER_LAYERS, weightCount } from '../../../shared/grid/networks/layer-shapes.ts'
import { blocksOf, knownOf, type Picture, quarterOf } from '../../../shared/grid/pictures.ts'
import { BitEncoder } from '../../../shared/grid/planes/bit-coder.ts'
import { WEIGHT_COUNT } from '../../../shared/grid/planes/context-tables.ts'
import type { LevelSymbols } from '../../../shared/grid/planes/planes.ts'
import { pyramidOf } from '../../../shared/grid/pyramid.ts'
import { withChannelOrder } from './channel-order.ts'
import { fitPartners, fitWeights, RecordedBits } from './fit-tables.ts'

/** A training photograph, and what draws its preview. */
export interface Sample {
  picture: Picture
  preview: DrawPreview
}

interface GridExport {
  /** All layers' weights, in the order of layer-shapes.ts. */
  weights: Float32Array
  samples: Sample[]
  out: string
  seed: number
  record: object
  log(line: string): void
}

export async function exportGrid({
  weights,
  samples,
  out,
  seed,
  record,
  log,
}: GridExport): Promise<GridManifest> {
  const order = orderOf(symbolsOf(await modelOf(weights), samples))
  const ordered = rounded(withChannelOrder(weights, order))
  const model = await modelOf(ordered)
  model.tables.partners = fitPartners(symbolsOf(model, samples), CHANNELS)
  const recorded = new RecordedBits()
  for (const [i, { picture, preview }] of samples.entries())
    encodeGrid(model, new BitEncoder(), picture, preview, {
      record: (bit, places) => recorded.record(bit, places),
      lastPlane: i % 4 ? 3 : 2,
      lowerLevelsEnd: { plane: i % 2 ? 3 : 1, group: 0 },
    })
  log(`${recorded.count} bits of ${samples.length} photographs`)
  const fitted = fitWeights(recorded, seed)
  log(`the entropy model: ${fitted.bitsPerDecision.toFixed(4)} bits a decision`)
  const tables = new Uint8Array([...new Uint8Array(fitted.weights.buffer), ...model.tables.partners])
  const decoderLength = weightCount(DECODER_LAYERS)
  const decoder = bfloat16Bytes(ordered.subarray(0, decoderLength))
  const manifest: GridManifest = {
    format: 1,
    name: basename(resolve(out)),
    number: gridNumber({ tables, decoder }),
    created: new Date().toISOString(),
  }
  await mkdir(out, { recursive: true })
  const write = (path: string, content: Uint8Array | string) => writeFile(join(out, path), content)
  await write(GRID_PATHS.tables, tables)
  await write(GRID_PATHS.decoder, decoder)
  await write(GRID_PATHS.encoder, bfloat16Bytes(ordered.subarray(decoderLength)))
  await write(
    GRID_PATHS.record,
    `${JSON.stringify({ ...record, bitsPerDecision: fitted.bitsPerDecision }, null, 1)}\n`,
  )
  await write(GRID_PATHS.manifest, `${JSON.stringify(manifest, null, 1)}\n`)
  return manifest
}

/** As they will be in the files. */
function rounded(weights: Float32Array): Float32Array {
  const bytes = bfloat16Bytes(weights)
  return Float32Array.from(weights, (_, i) => {
    const word = new DataView(bytes.buffer).getUint16(2 * i, true)
    return new Float32Array(new Uint32Array([word << 16]).buffer)[0]
  })
}

async function modelOf(
  weights: Float32Array,
): Promise<GridModel & { encoder: NonNullable<GridModel['encoder']> }> {
  const length = weightCount(DECODER_LAYERS)
  const files = {
    manifest: { format: 1 as const, name: 'in-training', number: 0, created: '' },
    tables: new Uint8Array(WEIGHT_COUNT + 2 * CHANNELS),
    decoder: bfloat16Bytes(weights.subarray(0, length)),
    encoder: bfloat16Bytes(weights.subarray(length)),
  }
  const model = loadGridModel(files, await loadNodeKernels())
  return { ...model, encoder: model.encoder! }
}

/** Symbols of the highest level of some of the samples, given the quarter-size picture as it is. */
function* symbolsOf(
  { encoder }: { encoder: NonNullable<GridModel['encoder']> },
  samples: Sample[],
): Generator<LevelSymbols> {
  for (const { picture } of samples.slice(0, 48)) {
    const level = pyramidOf(picture.width, picture.height).at(-1)!
    const blocks = blocksOf(picture, level)
    yield quantizedLatents(encoder, level, blocks, knownOf(quarterOf(blocks, level), level))
  }
}

/** By how many octaves above 16 units their magnitudes are in the mean. */
function orderOf(symbols: Iterable<LevelSymbols>): number[] {
  const sizes = new Float64Array(CHANNELS)
  for (const { magnitudes, count } of symbols)
    for (let channel = 0; channel < CHANNELS; channel++)
      for (let block = 0; block < count; block++)
        sizes[channel] += Math.log2(1 + magnitudes[channel * count + block] / 16)
  return Array.from({ length: CHANNELS }, (_, channel) => channel).sort((a, b) => sizes[b] - sizes[a])
}
