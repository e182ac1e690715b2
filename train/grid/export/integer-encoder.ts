/** A trained encoder -> one of integers. */

import { BLOCK_SAMPLES } from '../../../shared/grid/grid-shape.ts'
import type { EncoderWeights } from '../../../shared/grid/networks/grid-networks.ts'
import { plainlyRounded, trainedLayer } from './integer-layers.ts'
import { LATENT_UNIT, PIXEL_UNIT } from './units.ts'

export function integerEncoder(weights: Float32Array): EncoderWeights {
  const units = new Float64Array(BLOCK_SAMPLES).fill(PIXEL_UNIT)
  return { 'enc.linear': plainlyRounded(trainedLayer(weights, 'enc.linear'), units, LATENT_UNIT) }
}
