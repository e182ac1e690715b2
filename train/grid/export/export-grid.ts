/** Trained networks -> a model directory: channels in order of importance, and the entropy model fitted to photographs. */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { loadGridWasm } from '../../../node/grid-model-directory.ts'
import { decodeGrid, encodeGrid, type GridModel } from '../../../shared/grid/grid-codec.ts'
import { GRID_PATHS, type GridManifest } from '../../../shared/grid/grid-manifest.ts'
import { ENCODER_NAMES, gridNumber } from '../../../shared/grid/grid-model.ts'
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import type { GridWasm, NetworkWasm } from '../../../shared/grid/grid-wasm.ts'
import {
  type CompactDecoder,
  codeDecoder,
  emptyDecoder,
  expandDecoder,
} from '../../../shared/grid/networks/compact-decoder.ts'
import { type EncoderWeights, GridDecoder, GridEncoder } from '../../../shared/grid/networks/grid-networks.ts'
import { Convolver } from '../../../shared/grid/networks/kernels/convolver.ts'
import { packLayers, unpackLayers } from '../../../shared/grid/networks/layers-bytes.ts'
import type { Matrix } from '../../../shared/grid/networks/transforms.ts'
import { BitDecoder, BitEncoder } from '../../../shared/grid/planes/bit-coder.ts'
import { EVEN_TABLES } from '../../../shared/grid/planes/context-tables.ts'
import type { LevelSymbols } from '../../../shared/grid/planes/level-symbols.ts'
import { PlaneCoder } from '../../../shared/grid/planes/plane-coder.ts'
import { type CodingModel, calibrationSymbols, fitEntropyModel, type Sample } from './fit-entropy-model.ts'
import { compactDecoder } from './integer-decoder.ts'
import { integerEncoder } from './integer-encoder.ts'
import { inChannelOrder, MATRICES, matricesOf, usesMatrix } from './matrices.ts'
import type { DecoderCall } from './patches.ts'

/** Photographs from whose codes the decoder's rounding comes, and the codes' lengths, in turn. */
const CODED = 96
const CODE_BYTES = [100, 200, 400, 800, 1600, 3200, 6000]

interface GridExport {
  /** All layers' weights, in the order of layer-shapes.ts. */
  weights: Float32Array
  /** Of train/grid/torch/oriented.py. */
  oriented?: Float32Array
  samples: Sample[]
  out: string
  seed: number
  record: object
  log(line: string): void
}

export async function exportGrid({
  weights,
  oriented,
  samples,
  out,
  seed,
  record,
  log,
}: GridExport): Promise<GridManifest> {
  const wasm = await loadGridWasm()
  const matrices = matricesOf(weights, oriented)
  const symbolsOf = calibrationSymbols(encoderOf(wasm, integerEncoder(matrices)), samples)
  for (const matrix of MATRICES)
    matrices[matrix] = inChannelOrder(matrices[matrix], orderOf(symbolsOf(matrix), matrix))
  const encoder = packLayers(ENCODER_NAMES, integerEncoder(matrices))
  let model = modelOf(wasm, encoder, decoderOf(wasm, emptyDecoder())) // it draws the known picture
  const fitted = () => compactDecoder(wasm, weights, matrices, decoderCalls(model, samples.slice(0, CODED)))
  model = modelOf(wasm, encoder, decoderOf(wasm, fitted()))
  const compact = fitted() // to what a decoder of about this kind leaves to the next level
  const decoder = packDecoder(compact)
  log(`the decoder is in integers: ${decoder.length} bytes`)
  model = modelOf(wasm, encoder, decoderOf(wasm, compact))
  const { tables, bitsPerDecision } = fitEntropyModel(model, samples, seed, log)
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
  await write(GRID_PATHS.encoder, encoder)
  await write(GRID_PATHS.record, `${JSON.stringify({ ...record, bitsPerDecision })}\n`)
  await write(GRID_PATHS.manifest, `${JSON.stringify(manifest, null, 1)}\n`)
  return manifest
}

const modelOf = (wasm: GridWasm, encoder: Uint8Array, decoder: GridModel['decoder']): CodingModel => ({
  planes: new PlaneCoder(wasm.planeCoder, EVEN_TABLES),
  encoder: encoderOf(wasm, unpackLayers(ENCODER_NAMES, encoder)),
  decoder,
})

const encoderOf = (wasm: NetworkWasm, weights: EncoderWeights) =>
  new GridEncoder(new Convolver(wasm), weights)

const decoderOf = (wasm: NetworkWasm, compact: CompactDecoder) =>
  new GridDecoder(new Convolver(wasm), expandDecoder(compact))

/** What decoders are given, at all rates. */
function decoderCalls(model: CodingModel, samples: Sample[]): DecoderCall[] {
  const calls: DecoderCall[] = []
  const observed: GridModel = {
    ...model,
    decoder: {
      decode(shape, known, latents, drawing) {
        calls.push({ shape: { ...shape }, known, latents, drawing })
        return model.decoder.decode(shape, known, latents, drawing)
      },
    },
  }
  for (const [i, { picture, preview }] of samples.entries()) {
    const bytes = CODE_BYTES[i % CODE_BYTES.length]
    const coder = new BitEncoder(bytes)
    encodeGrid(model, coder, picture, preview)
    decodeGrid(observed, new BitDecoder(coder.finish().subarray(0, bytes)), picture, preview)
  }
  return calls
}

function packDecoder(decoder: CompactDecoder): Uint8Array {
  const coder = new BitEncoder()
  codeDecoder(coder, decoder)
  return coder.finish()
}

/** By how many octaves above 16 units their magnitudes are in the mean. */
function orderOf(symbols: LevelSymbols[], matrix: Matrix): number[] {
  const sizes = new Float64Array(CHANNELS)
  for (const { magnitudes, transforms, count } of symbols)
    for (let channel = 0; channel < CHANNELS; channel++)
      for (let block = 0; block < count; block++)
        if (usesMatrix(matrix, transforms[block]))
          sizes[channel] += Math.log2(1 + magnitudes[channel * count + block] / 16)
  return Array.from({ length: CHANNELS }, (_, channel) => channel).sort((a, b) => sizes[b] - sizes[a])
}
