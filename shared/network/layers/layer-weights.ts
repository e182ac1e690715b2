/** Reads the weights of a tfjs layers model, plain or quantized by tfjs-converter's --quantize_*. */

import { LayersFormatError } from './layer-graph.ts'
import type { LayersFile, LayersJson, WeightSpec } from './layers-file.ts'

export interface Weight {
  shape: number[]
  readonly values: Float32Array
  /** The same as own-kernels.wat reads it, if PackHalves has made it: then `values` are made when asked for. */
  readonly panels?: Uint8Array
}

/** Halves [inputs, outputs] in panels (own-kernels.wat); undefined if one is not finite or no bfloat16. */
export type PackHalves = (halves: Uint16Array, inputs: number, outputs: number) => Uint8Array | undefined

/** By name (`LAYER/kernel`, `LAYER/bias`, `LAYER/alpha`), in the order of weights.bin. */
export function readWeights(
  { topology, weights: bytes }: LayersFile,
  pack?: PackHalves,
): Map<string, Weight> {
  const specs = weightSpecs(topology)
  const weights = new Map<string, Weight>()
  let at = 0
  for (const spec of specs) {
    const end = at + product(spec.shape) * bytesPerValue(spec)
    if (weights.has(spec.name)) throw new LayersFormatError(`two weights are named ${spec.name}`)
    if (end <= bytes.length)
      weights.set(spec.name, readWeight(spec, new Uint8Array(bytes.subarray(at, end)), pack))
    at = end
  }
  if (at !== bytes.length)
    throw new LayersFormatError(`weights.bin has ${bytes.length} bytes, its manifest lists ${at}`)
  return weights
}

/** bytes: a copy, aligned. */
function readWeight(spec: WeightSpec, { buffer }: Uint8Array<ArrayBuffer>, pack?: PackHalves): Weight {
  const { name, shape } = spec
  const values = () => finite(name, toFloats(spec, buffer))
  const panels =
    spec.quantization?.dtype === 'float16' && shape.length === 2
      ? pack?.(new Uint16Array(buffer), shape[0], shape[1])
      : undefined
  if (!panels) return { shape, values: values() }
  return {
    shape,
    panels,
    get values() {
      return values()
    },
  }
}

/** Checked, as models may come from elsewhere. */
function weightSpecs({ weightsManifest }: LayersJson): WeightSpec[] {
  const specs: WeightSpec[] = Array.isArray(weightsManifest)
    ? weightsManifest.flatMap((group) => group?.weights ?? [])
    : []
  for (const { name, shape } of specs) {
    const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size > 0)
    if (typeof name !== 'string' || !isShape)
      throw new LayersFormatError(`weight ${name} has no shape of whole numbers above zero`)
  }
  return specs
}

/** The exponent of infinities and NaNs. */
const INFINITE = 0x7f800000

function finite(name: string, values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < bits.length; i++)
    if ((bits[i] & INFINITE) === INFINITE)
      throw new LayersFormatError(`weight ${name} holds a value that is not finite`)
  return values
}

function bytesPerValue({ name, dtype, quantization }: WeightSpec): number {
  if (dtype !== 'float32') throw new LayersFormatError(`weight ${name} is ${dtype}, expected float32`)
  return quantization === undefined ? 4 : quantization.dtype === 'uint8' ? 1 : 2
}

/** The same arithmetic as tfjs-core's decodeWeights, to the bit. */
function toFloats(spec: WeightSpec, buffer: ArrayBuffer): Float32Array {
  const { quantization } = spec
  if (quantization === undefined) return new Float32Array(buffer)
  if (quantization.dtype === 'float16') return fromHalves(new Uint16Array(buffer))
  const { scale, min } = scaleOf(spec)
  const levels = quantization.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer)
  const values = new Float32Array(levels.length)
  for (let i = 0; i < values.length; i++) values[i] = levels[i] * scale + min // ten times as fast as Float32Array.from(levels, map)
  return values
}

function scaleOf({ name, quantization }: WeightSpec): { scale: number; min: number } {
  const { scale, min } = quantization ?? {}
  if (scale === undefined || min === undefined)
    throw new LayersFormatError(`weight ${name} has no scale or min`)
  return { scale, min }
}

/** Moves exponents from a bias of 15 to one of 127, in integers: five times as fast as a table of all halves. */
function fromHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length)
  const bits = new Uint32Array(values.buffer)
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]
    const exponent = half & 0x7c00
    if (exponent === 0 || exponent === 0x7c00) values[i] = halfToFloat(half)
    else bits[i] = ((half & 0x8000) << 16) | (((half & 0x7fff) << 13) + ((127 - 15) << 23))
  }
  return values
}

/** IEEE 754 binary16: sign 1 bit, exponent 5, fraction 10. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

export const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
