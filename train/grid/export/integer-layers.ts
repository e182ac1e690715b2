/** Trained layers -> layers of 16-bit integers, one by one: each is fitted to the outputs of those before it. */
import { type IntegerLayer, inOrder } from '../../../shared/grid/networks/kernels/integer-layer.ts'
import { kernelLength, LAYERS, type TrainedName } from '../../../shared/grid/networks/layer-shapes.ts'

/** kernel: [taps * length][outputs] */
export interface TrainedLayer {
  kernel: Float64Array
  bias: Float64Array
}

/** weights: of all layers, in the order of LAYERS. */
export function trainedLayer(weights: Float32Array, name: TrainedName): TrainedLayer {
  let at = 0
  for (const [each, shape] of Object.entries(LAYERS)) {
    if (each === name) break
    at += kernelLength(shape) + (shape.bias ? shape.outputs : 0)
  }
  const shape = LAYERS[name]
  const { outputs } = shape
  const kernel = Float64Array.from(weights.subarray(at, at + kernelLength(shape)))
  const bias = new Float64Array(outputs)
  if (shape.bias) bias.set(weights.subarray(at + kernel.length, at + kernel.length + outputs))
  return { kernel, bias }
}

/** Over this many patches. */
const SEEN = 4000

/** The largest sum of a layer's outputs over patches, in trained units. `units`: what a patch's values count, each. */
export function largestOutput(
  { kernel, bias }: TrainedLayer,
  patches: Int16Array,
  units: Float64Array,
): number {
  const outputs = bias.length
  const sums = new Float64Array(outputs)
  let most = 0
  const every = Math.max(1, Math.floor(patches.length / units.length / SEEN))
  for (let at = 0; at < patches.length; at += every * units.length) {
    sums.set(bias)
    for (let i = 0; i < units.length; i++) {
      const x = patches[at + i] * units[i]
      if (x !== 0) for (let o = 0; o < outputs; o++) sums[o] += x * kernel[i * outputs + o]
    }
    for (const sum of sums) most = Math.max(most, Math.abs(sum))
  }
  return most
}

/** A kernel between integers: what its inputs count, each, and what an output counts. */
export const inIntegerUnits = (kernel: Float64Array, units: Float64Array, unit: number): Float64Array =>
  kernel.map((value, i) => (value * units[Math.floor((i * units.length) / kernel.length)]) / unit)

/** The largest shift, up to `most`, by which the values stay within `largest`. */
export function shiftWithin(values: Float64Array, largest: number, most: number): number {
  const found = values.reduce((so, value) => Math.max(so, Math.abs(value)), 0)
  return Math.max(0, Math.min(most, Math.floor(Math.log2(largest / found))))
}

/** unit: what an output counts. */
export function plainlyRounded(
  { kernel, bias }: TrainedLayer,
  units: Float64Array,
  unit: number,
): IntegerLayer {
  const scaled = inIntegerUnits(kernel, units, unit)
  const shift = shiftWithin(scaled, 32_767, 16)
  const rounded = Int16Array.from(scaled, (value) => Math.round(value * 2 ** shift))
  return {
    weights: inOrder(rounded, bias.length),
    bias: Int32Array.from(bias, (value) => Math.round((value / unit) * 2 ** shift)),
    shift,
  }
}
