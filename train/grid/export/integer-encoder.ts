/** A trained encoder -> one of integers, fitted to training photographs layer by layer. */

import type { NetworkWasm } from '../../../shared/grid/grid-wasm.ts'
import {
  ENCODER_RUNS,
  type EncoderWeights,
  GridEncoder,
} from '../../../shared/grid/networks/grid-networks.ts'
import { Convolver } from '../../../shared/grid/networks/kernels/convolver.ts'
import { TAPS } from '../../../shared/grid/networks/layer-shapes.ts'
import { blocksOf, knownOf, type Picture, quarterOf } from '../../../shared/grid/pictures.ts'
import { type LevelSize, pyramidOf } from '../../../shared/grid/pyramid.ts'
import { largestOutput, plainlyRounded, trainedLayer } from './integer-layers.ts'
import { firstTile, patchesOf } from './patches.ts'
import { LARGEST, LARGEST_SUM, LATENT_UNIT, PIXEL_UNIT } from './units.ts'

/** How many patches of each photograph are searched for a layer's largest values. */
const PATCHES = 40

type Level = LevelSize & { picture: Uint8Array; known: Uint8Array }

/** The highest level, given the quarter-size picture as it is. */
export function highestLevel(picture: Picture): Level {
  const level = pyramidOf(picture.width, picture.height).at(-1)!
  const blocks = blocksOf(picture, level)
  return { ...level, picture: blocks, known: knownOf(quarterOf(blocks, level), level) }
}

export function integerEncoder(
  wasm: NetworkWasm,
  weights: Float32Array,
  pictures: Picture[],
): EncoderWeights {
  const net = new Convolver(wasm)
  const levels = pictures.map(highestLevel)
  const layers: Partial<EncoderWeights> = {}
  const encoder = new GridEncoder(net, {})
  const units: Record<string, number> = {
    ...{ residual: PIXEL_UNIT, both: PIXEL_UNIT, linear: LATENT_UNIT, latents: LATENT_UNIT },
  }
  for (let k = 0; k < ENCODER_RUNS.length; k++) {
    const { layer, from, to, added, relu } = ENCODER_RUNS[k]
    const patches = patchesOf(net, ENCODER_RUNS, k, PATCHES, levels, (level) =>
      encoder.start(level, firstTile(level), level.picture, level.known),
    )
    const trained = trainedLayer(weights, layer)
    const inputUnits = new Float64Array(TAPS[layer].taps * TAPS[layer].length).fill(units[from])
    const largest = largestOutput(trained, patches, inputUnits)
    if (relu && added && largest > LARGEST_SUM * units[added]) {
      units[added] = largest / LARGEST_SUM
      k -= 2 // the layer before gives what this one is added to, in the same unit
      continue
    }
    units[to] ??= added ? units[added] : largest / LARGEST
    layers[layer as keyof EncoderWeights] = plainlyRounded(trained, inputUnits, units[to])
    net.add(layer, layers[layer as keyof EncoderWeights]!)
  }
  return layers as EncoderWeights
}
