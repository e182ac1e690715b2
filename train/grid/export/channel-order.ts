/** Puts the latents' channels in order of importance, as they are coded in groups; training leaves them in no order. */
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import { kernelLength, LAYERS } from '../../../shared/grid/networks/layer-shapes.ts'

/** Of the lowest level or of the others. */
export type Matrices = 'lowest' | 'linear'

/** weights: of all layers, in the order of LAYERS. order: for each new channel the old one. */
export function withChannelOrder(
  weights: Float32Array,
  matrices: Matrices,
  order: readonly number[],
): Float32Array {
  const moved = weights.slice()
  let at = 0
  for (const [name, shape] of Object.entries(LAYERS)) {
    const kernel = kernelLength(shape)
    if (name === `enc.${matrices}`) moveOutputs(weights, moved, at, kernel, order)
    if (name === `dec.${matrices}`) moveInputs(weights, moved, at, shape.outputs, order)
    at += kernel + (shape.bias ? shape.outputs : 0)
  }
  return moved
}

/** [..., CHANNELS] */
function moveOutputs(
  from: Float32Array,
  to: Float32Array,
  at: number,
  length: number,
  order: readonly number[],
) {
  for (let row = at; row < at + length; row += CHANNELS)
    for (let channel = 0; channel < CHANNELS; channel++) to[row + channel] = from[row + order[channel]]
}

/** [CHANNELS, outputs] */
function moveInputs(
  from: Float32Array,
  to: Float32Array,
  at: number,
  outputs: number,
  order: readonly number[],
) {
  for (let channel = 0; channel < CHANNELS; channel++) {
    const old = at + order[channel] * outputs
    to.set(from.subarray(old, old + outputs), at + channel * outputs)
  }
}
