/** A trained encoder -> one of integers. */

import { BLOCK_SAMPLES } from '../../../shared/grid/grid-shape.ts'
import type { EncoderWeights } from '../../../shared/grid/networks/grid-networks.ts'
import type { EncoderLayer } from '../../../shared/grid/networks/layer-shapes.ts'
import { plainlyRounded, trainedLayer } from './integer-layers.ts'
import { LATENT_UNIT, PIXEL_UNIT } from './units.ts'

export function integerEncoder(weights: Float32Array): EncoderWeights {
  const units = new Float64Array(BLOCK_SAMPLES).fill(PIXEL_UNIT)
  const rounded = (name: EncoderLayer) => plainlyRounded(trainedLayer(weights, name), units, LATENT_UNIT)
  return { 'enc.linear': rounded('enc.linear'), 'enc.lowest': rounded('enc.lowest') }
}
