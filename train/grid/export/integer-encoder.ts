/** A trained encoder -> one of integers. */

import { BLOCK_SAMPLES, CHANNELS } from '../../../shared/grid/grid-shape.ts'
import type { EncoderWeights } from '../../../shared/grid/networks/grid-networks.ts'
import type { Matrix } from '../../../shared/grid/networks/transforms.ts'
import { plainlyRounded } from './integer-layers.ts'
import type { Matrices } from './matrices.ts'
import { LATENT_UNIT, PIXEL_UNIT } from './units.ts'

export function integerEncoder(matrices: Matrices): EncoderWeights {
  const units = new Float64Array(BLOCK_SAMPLES).fill(PIXEL_UNIT)
  const rounded = ({ encoder }: Matrices[Matrix]) =>
    plainlyRounded({ kernel: encoder, bias: new Float64Array(CHANNELS) }, units, LATENT_UNIT)
  return {
    'enc.linear': rounded(matrices.linear),
    'enc.across': rounded(matrices.across),
    'enc.diagonal': rounded(matrices.diagonal),
    'enc.lowest': rounded(matrices.lowest),
  }
}
