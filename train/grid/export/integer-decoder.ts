/** A trained decoder -> one of integers in few bytes, fitted layer by layer to typical inputs. */
import type { NetworkWasm } from '../../../shared/grid/grid-wasm.ts'
import {
  BIAS_FRACTION,
  type CompactDecoder,
  emptyDecoder,
  expandDecoder,
  type RestorationLayer,
} from '../../../shared/grid/networks/compact-decoder.ts'
import { GridDecoder, RESTORATION_RUNS } from '../../../shared/grid/networks/grid-networks.ts'
import { Convolver } from '../../../shared/grid/networks/kernels/convolver.ts'
import { TAPS } from '../../../shared/grid/networks/layer-shapes.ts'
import { UNIT } from '../../../shared/grid/planes/plane-groups.ts'
import { compactLayer, compactLinear } from './compact-layers.ts'
import { largestOutput, type TrainedLayer, trainedLayer } from './integer-layers.ts'
import { MATRICES, type Matrices } from './matrices.ts'
import { type DecoderCall, firstTile, patchesOf } from './patches.ts'
import { LARGEST, PIXEL_UNIT } from './units.ts'

/** How many patches of each input a layer's rounding is fitted to. */
const PATCHES = 150
/** Of the level's own step, and the known picture's. */
const USUAL_OCTAVES = [5.5, 4] as const
/** A layer that is added to the one before counts in that one's units. */
const SAME_UNITS = new Set(['second', 'third', 'fourth'])

export function compactDecoder(
  wasm: NetworkWasm,
  weights: Float32Array,
  matrices: Matrices,
  calls: DecoderCall[],
): CompactDecoder {
  const compact = emptyDecoder()
  for (const matrix of MATRICES)
    compact.linear[`dec.${matrix}`] = compactLinear(matrices[matrix].decoder, matrix, calls)
  const net = new Convolver(wasm)
  let decoder = new GridDecoder(net, expandDecoder(compact))
  const restored = calls.filter(({ drawing }) => drawing.restored)
  const units: Record<string, number> = { drawn: PIXEL_UNIT, detail: PIXEL_UNIT }
  for (const [k, { from, to, layer: name }] of RESTORATION_RUNS.entries()) {
    const layer = name as RestorationLayer
    const patches = patchesOf(net, RESTORATION_RUNS, k, PATCHES, restored, (call) => startWith(decoder, call))
    const inputUnits = new Float64Array(TAPS[layer].taps * TAPS[layer].length).fill(units[from])
    const trained = layer === 'dec.first' ? firstLayer(weights, 0, 0) : trainedLayer(weights, layer)
    if (SAME_UNITS.has(to)) units[to] = units[from]
    const usual = layer === 'dec.first' ? firstLayer(weights, ...USUAL_OCTAVES) : trained
    units[to] ??= largestOutput(usual, patches, inputUnits) / LARGEST
    compact.layers[layer] = compactLayer(layer, trained, inputUnits, units[to], patches)
    if (layer === 'dec.first') compact.steps = stepsIn(units[to] / BIAS_FRACTION, weights)
    decoder = new GridDecoder(net, expandDecoder(compact))
  }
  return compact
}

function startWith(decoder: GridDecoder, { shape, known, latents, drawing }: DecoderCall): void {
  const tile = firstTile(shape)
  decoder.start(shape, tile, known, latents, drawing)
  decoder.startRestoration(tile, drawing)
}

/** What the logarithms of both steps add: [2][outputs]. */
const stepWeights = (weights: Float32Array) => trainedLayer(weights, 'dec.steps').kernel

/** dec.first with the bias that it has at steps of so many octaves above UNIT. */
function firstLayer(weights: Float32Array, octaves: number, knownOctaves: number): TrainedLayer {
  const { kernel, bias } = trainedLayer(weights, 'dec.first')
  const perStep = stepWeights(weights)
  const [own, known] = [octaves, knownOctaves].map((each) => Math.log(UNIT) + each * Math.LN2)
  return { kernel, bias: bias.map((value, o) => value + own * perStep[o] + known * perStep[bias.length + o]) }
}

/** What an octave adds, counted in `unit`. */
function stepsIn(unit: number, weights: Float32Array): CompactDecoder['steps'] {
  const perOctave = Int32Array.from(stepWeights(weights), (value) => Math.round((value * Math.LN2) / unit))
  const outputs = perOctave.length / 2
  return [perOctave.slice(0, outputs), perOctave.slice(outputs)]
}
