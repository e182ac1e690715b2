/** The steps of a planned network, and the parts from which layer-steps.ts lowers every kind of layer. */
import { FLOAT32, FUSED_ACTIVATIONS, type KernelName } from '../kernels/kernels.ts'
import { LayersFormatError } from '../layers/layer-graph.ts'
import type { Weight } from '../layers/layer-weights.ts'

/** Activations between two steps, and their shape (without the batch axis). */
export interface Value {
  buffer: number // shared by reshaped values
  shape: number[]
}

/** A size in a kernel's arguments: fixed, or a multiple of the batch size. */
export type Size = number | { timesBatch: number }

export type Argument =
  | Size
  | { value: Value }
  | { weight: string; packed?: boolean } // packed: XNNPACK makes its own copy at the first call
  | { shape: Size[] }
  // For own-kernels.wat, whose arguments are pointers:
  | { pointer: Value }
  | { panels: string } // a weight that lies in panels
  | { vector: string } // one that does not
  | { lists: number } // memory for its lists, in floats per image

export interface Step {
  kernel: KernelName
  args: Argument[]
  reads: Value[]
  writes: Value
  /** Multiplications and additions per image. */
  macs?: number
  /** Each output depends only on the input at the same index, so both may share a buffer. */
  elementwise: boolean
}

/** What lowering a layer reads and adds to. */
export interface StepList {
  steps: Step[]
  weights: Map<string, Weight>
  /** own-kernels.wat may be used. */
  ownDense: boolean
  newValue(shape: number[]): Value
}

export const argumentsOf = (steps: Step[]) =>
  steps.flatMap(({ args }) => args).filter((arg) => typeof arg === 'object')

export const batch: Size = { timesBatch: 1 }
export const timesBatch = (n: number): Size => ({ timesBatch: n })

/** A step for an activation that tf.layers does not fuse into the layer before it. */
export const activations: Record<string, KernelName | undefined> = {
  linear: undefined,
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
}

export function elementwise(
  kernel: KernelName,
  x: Value,
  list: StepList,
  args: (out: Value) => Argument[],
  also: Value[] = [],
) {
  const out = list.newValue(x.shape)
  list.steps.push({ kernel, args: args(out), reads: [x, ...also], writes: out, elementwise: true })
  return out
}

export function activate(activation: string, x: Value, list: StepList): Value {
  const kernel = activations[activation]
  if (kernel === undefined) return x
  if (kernel === 'Sigmoid') return elementwise(kernel, x, list, (out) => [{ value: x }, { value: out }])
  return elementwise(kernel, x, list, (out) => [{ value: x }, FLOAT32, { value: out }])
}

/** tf.layers fuses these activations into Dense and Conv2D (mapActivationToFusedKernel). */
export const fused = (activation: string) =>
  FUSED_ACTIVATIONS[activation as 'linear' | 'relu' | 'elu'] as number | undefined

/** A layer's setting of whole numbers. */
export function wholeNumbers(name: string, values: unknown, least: number): number[] {
  const isSound = Array.isArray(values) && values.every((value) => Number.isInteger(value) && value >= least)
  if (!isSound)
    throw new LayersFormatError(`layer ${name}: expected whole numbers, got ${JSON.stringify(values)}`)
  return values
}

/** One for both axes, or one for each. */
export function pair(name: string, value: unknown): [number, number] {
  const both = wholeNumbers(name, Array.isArray(value) ? value : [value ?? 1], 1)
  return [both[0], both.at(-1)!]
}

/** A weight of this shape; `undefined` stands for any size. */
export function weightOf(list: StepList, name: string, shape: (number | undefined)[]): number[] {
  const found = list.weights.get(name)?.shape
  if (!found) throw new LayersFormatError(`weight ${name} is missing`)
  const fits =
    found.length === shape.length && shape.every((size, i) => size === undefined || size === found[i])
  if (!fits) throw new LayersFormatError(`weight ${name} has the shape [${found}], expected [${shape}]`)
  return found
}
