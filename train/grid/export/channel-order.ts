/** Puts the latent's channels in order of importance, as they are coded in groups; training leaves them in no order. */
import { CHANNELS } from '../../../shared/grid/grid-shape.ts'
import {
  kernelLength,
  LAYERS,
  type LayerName,
  type LayerShape,
} from '../../../shared/grid/networks/layer-shapes.ts'

/** Which layers output latents, and which read them (and what other inputs follow). */
const GIVING: LayerName[] = ['enc.linear', 'enc.last']
const TAKING: LayerName[] = ['dec.linear', 'dec.first']

/** weights: of all layers, in the order of LAYERS. order: for each new channel the old one. */
export function withChannelOrder(weights: Float32Array, order: readonly number[]): Float32Array {
  const moved = weights.slice()
  let at = 0
  for (const [name, shape] of Object.entries(LAYERS) as [LayerName, LayerShape][]) {
    const kernel = kernelLength(shape)
    if (GIVING.includes(name)) moveOutputs(weights, moved, at, kernel + (shape.bias ? CHANNELS : 0), order)
    if (TAKING.includes(name)) moveInputs(weights, moved, at, shape.outputs, order)
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

/** [CHANNELS and others, outputs] */
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
