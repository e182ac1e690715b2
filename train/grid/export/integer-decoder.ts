/** A trained decoder -> one of integers in few bytes, fitted layer by layer to typical inputs. */
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import type { NetworkWasm } from '../../../shared/grid/grid-wasm.ts'
import {
  type CompactDecoder,
  emptyDecoder,
  expandDecoder,
} from '../../../shared/grid/networks/compact-decoder.ts'
import { DECODER_RUNS, GridDecoder } from '../../../shared/grid/networks/grid-networks.ts'
import { Convolver } from '../../../shared/grid/networks/kernels/convolver.ts'
import { type DecoderLayer, type LayerName, TAPS } from '../../../shared/grid/networks/layer-shapes.ts'
import { UNIT } from '../../../shared/grid/planes/plane-groups.ts'
import { compactLayer, compactLinear } from './compact-layers.ts'
import { largestOutput, type TrainedLayer, trainedLayer } from './integer-layers.ts'
import { type DecoderCall, firstTile, patchesOf } from './patches.ts'
import { KNOWN_UNIT, LARGEST, LATENT_UNIT, PIXEL_UNIT } from './units.ts'

/** How many patches of each input a layer's rounding is fitted to. */
const PATCHES = 150

export function compactDecoder(
  wasm: NetworkWasm,
  weights: Float32Array,
  calls: DecoderCall[],
): CompactDecoder {
  const compact = emptyDecoder()
  compact.linear = compactLinear(trainedLayer(weights, 'dec.linear').kernel, calls)
  const net = new Convolver(wasm)
  const decoder = new GridDecoder(net, { layers: {}, steps: compact.steps })
  const units: Record<string, number> = { linear: PIXEL_UNIT, detail: PIXEL_UNIT }
  for (let k = 0; k < DECODER_RUNS.length; k++) {
    const { from, to } = DECODER_RUNS[k]
    const layer = DECODER_RUNS[k].layer as DecoderLayer
    const patches = patchesOf(net, DECODER_RUNS, k, PATCHES, calls, (call) => startWith(decoder, call))
    const inputUnits = decoderInputUnits(layer, units[from])
    const whole = trainedLayer(weights, layer)
    const { trained, perSixteenth } =
      layer === 'dec.first' ? withoutSteps(whole) : { trained: whole, perSixteenth: [] }
    units[to] ??= largestOutput(trained, patches, inputUnits) / LARGEST
    if (layer !== 'dec.linear')
      compact.layers[layer] = compactLayer(layer, trained, inputUnits, units[to], patches)
    const fitted = expandDecoder(compact).layers[layer]
    for (const [i, values] of perSixteenth.entries())
      compact.steps[i].set(values.map((value) => Math.round((value * 2 ** fitted.shift) / units[to])))
    decoder.add(layer, fitted)
  }
  return compact
}

function startWith(decoder: GridDecoder, { shape, known, latents, steps }: DecoderCall): void {
  const give = (block: number, values: Int16Array, at: number) =>
    values.set(latents.subarray(block * CHANNELS, (block + 1) * CHANNELS), at)
  decoder.start(shape, firstTile(shape), known, give, steps)
}

/** dec.first as a layer whose bias is that of steps of UNIT, and what a 16th of an octave adds to it. */
function withoutSteps(trained: TrainedLayer): {
  trained: TrainedLayer
  perSixteenth: [Float64Array, Float64Array]
} {
  const outputs = trained.bias.length
  const [own, known] = [trained.rest.subarray(0, outputs), trained.rest.subarray(outputs)]
  const bias = trained.bias.map((value, o) => value + ((own[o] + known[o]) * Math.log(UNIT)) / 2)
  const perSixteenth = (weights: Float64Array) => weights.map((value) => (value * Math.LN2) / 32)
  return { trained: { ...trained, bias }, perSixteenth: [perSixteenth(own), perSixteenth(known)] }
}

function decoderInputUnits(layer: LayerName, unit: number): Float64Array {
  const units = new Float64Array(TAPS[layer].taps * TAPS[layer].length).fill(unit)
  if (layer === 'dec.linear') units.fill(LATENT_UNIT)
  if (layer === 'dec.first') units.fill(2 * LATENT_UNIT).fill(KNOWN_UNIT, CHANNELS)
  return units
}
