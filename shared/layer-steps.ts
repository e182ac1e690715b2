/**
 * Turns each layer of tf.layers into calls of the backend's kernels: the very calls that tf.layers 4.22 ends in,
 * so that the result is the same to the bit. Dense layers have a faster kernel of our own, dense.wat, where their
 * size allows; it computes the same bits.
 */
import { FLOAT32, FUSED_ACTIVATIONS, type KernelName } from './kernels.ts'
import { type LayerNode, LayersFormatError } from './layer-graph.ts'
import { product } from './layer-weights.ts'

/** Activations between two steps, and the shape they are read as (without the batch axis). */
export interface Value {
  buffer: number // reshaping shares it
  shape: number[]
}

/** A size in a kernel's arguments: fixed, or so many times the batch size. */
export type Size = number | { timesBatch: number }

export type Argument =
  | Size
  | { value: Value }
  | { weight: string; packed?: boolean } // packed: XNNPACK keeps a copy of its own, made at the first call
  | { shape: Size[] }
  // For dense.wat, which takes pointers:
  | { place: Value }
  | { panels: string } // a kernel's weights, [outputs / 16][inputs][16]
  | { bias: string | undefined; outputs: number } // zeros where there is none
  | { lists: number } // memory for its lists, in floats an image

export interface Step {
  kernel: KernelName
  args: Argument[]
  reads: Value[]
  writes: Value
  /** Multiplications and additions an image. */
  macs?: number
  /** Every output depends on the input at the same place only, so both may lie in one buffer. */
  elementwise: boolean
}

/** What lowering a layer may ask for and leaves behind. */
export interface StepList {
  steps: Step[]
  /** dense.wat is there. */
  hasDense: boolean
  newValue(shape: number[]): Value
  /** undefined where the layer has no weight of that name. */
  weightShape(name: string): number[] | undefined
}

export class UnsupportedOpError extends Error {
  override name = 'UnsupportedOpError'
}

/** Outputs of one panel of dense.wat. */
export const DENSE_PANEL = 16

const batch: Size = { timesBatch: 1 }
const timesBatch = (n: number): Size => ({ timesBatch: n })

export function lowerLayer(node: LayerNode, inputs: Value[], list: StepList): Value {
  const reason = whyUnsupported(node)
  if (reason) throw new UnsupportedOpError(`the edge executor cannot run ${reason}`)
  const x = inputs[0]
  if (x === undefined) throw new LayersFormatError(`layer ${node.name} has no input`)
  return lowerings[node.className]!(node, x, list, inputs)
}

/** What keeps a layer from the executor, or undefined. */
export function whyUnsupported({ name, className, config }: LayerNode): string | undefined {
  if (className === 'InputLayer') return undefined
  if (!(className in lowerings)) return `layer ${name}: ${className}`
  const activation = config.activation ?? 'linear'
  if (!(String(activation) in activations)) return `layer ${name}: ${className} with activation ${activation}`
  if ((config.data_format ?? 'channels_last') !== 'channels_last')
    return `layer ${name}: ${config.data_format}`
  return undefined
}

type Lowering = (node: LayerNode, x: Value, list: StepList, inputs: Value[]) => Value

const lowerings: Record<string, Lowering> = {
  Dense: dense,
  Conv2D: conv2d,
  Activation: ({ config }, x, list) => activate(String(config.activation), x, list),
  ReLU: relu,
  PReLU: prelu,
  Add: (_node, x, list, others) => others.slice(1).reduce((sum, other) => addValues(sum, other, list), x),
  Flatten: (_node, x) => ({ ...x, shape: [product(x.shape)] }),
  Reshape: ({ config }, x) => ({ ...x, shape: reshaped(x.shape, config.target_shape as number[]) }),
  Permute: ({ config }, x, list) =>
    permute(
      x,
      (config.dims as number[]).map((d) => d - 1),
      list,
    ),
  DepthToSpace: depthToSpace,
  UpSampling2D: upSampling2d,
  Dropout: (_node, x) => x, // these two do nothing outside training
  GaussianNoise: (_node, x) => x,
}

/** Activations of their own, where tf.layers does not fuse them into the layer before. */
const activations: Record<string, KernelName | undefined> = {
  linear: undefined,
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
}

function elementwise(
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

function activate(activation: string, x: Value, list: StepList): Value {
  const kernel = activations[activation]
  if (kernel === undefined) return x
  if (kernel === 'Sigmoid') return elementwise(kernel, x, list, (out) => [{ value: x }, { value: out }])
  return elementwise(kernel, x, list, (out) => [{ value: x }, FLOAT32, { value: out }])
}

/** tf.layers fuses these activations into Dense and Conv2D (mapActivationToFusedKernel). */
const fused = (activation: string) =>
  FUSED_ACTIVATIONS[activation as 'linear' | 'relu' | 'elu'] as number | undefined

function dense({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const [width, units] = list.weightShape(`${name}/kernel`) as [number, number]
  const activation = String(config.activation ?? 'linear')
  const rows = product(x.shape.slice(0, -1))
  if (x.shape.at(-1) !== width)
    throw new LayersFormatError(`layer ${name} expects [.., ${width}], got [${x.shape}]`)
  const bias = list.weightShape(`${name}/bias`) && `${name}/bias`
  const fusedBias = fused(activation) === undefined ? undefined : bias
  const out = list.newValue([...x.shape.slice(0, -1), units])
  const shape = { rows, width, units }
  const own = list.hasDense && units % DENSE_PANEL === 0 && activation !== 'elu'
  const call = own
    ? ownDense(name, x, out, shape, fusedBias, activation)
    : fusedMatMul(name, x, out, shape, fusedBias, activation)
  list.steps.push({ ...call, reads: [x], writes: out, macs: rows * width * units, elementwise: false })
  if (fused(activation) !== undefined) return out
  return activate(activation, bias ? addBias(out, bias, units, list) : out, list)
}

interface DenseShape {
  rows: number // an image
  width: number
  units: number
}

function ownDense(
  name: string,
  x: Value,
  y: Value,
  { rows, width, units }: DenseShape,
  bias: string | undefined,
  activation: string,
): Pick<Step, 'kernel' | 'args'> {
  const floor = activation === 'relu' ? 0 : Number.NEGATIVE_INFINITY
  const weights: Argument[] = [{ panels: `${name}/kernel` }, { bias, outputs: units }]
  const args = [{ place: x }, ...weights, { place: y }, { lists: rows * (2 * width + 1) }]
  return { kernel: 'dense', args: [...args, timesBatch(rows), width, units, floor] }
}

/** [batch * rows, width] x [width, units] by XNNPACK. */
function fusedMatMul(
  name: string,
  x: Value,
  y: Value,
  { rows, width, units }: DenseShape,
  bias: string | undefined,
  activation: string,
): Pick<Step, 'kernel' | 'args'> {
  const left: Argument[] = [{ value: x }, { shape: [1, timesBatch(rows), width] }, 3]
  const right: Argument[] = [{ weight: `${name}/kernel`, packed: true }, { shape: [1, width, units] }, 3]
  const added: Argument = bias === undefined ? 0 : { weight: bias, packed: true }
  // neither is transposed; no PReLU slopes, no leaky slope
  const args = [...left, ...right, 0, 0, fused(activation) ?? 0, added, 0, 0, { value: y }]
  return { kernel: '_FusedMatMul', args }
}

function addBias(x: Value, bias: string, units: number, list: StepList): Value {
  const rows = timesBatch(product(x.shape) / units)
  return elementwise('Add', x, list, (out) => [
    ...[{ value: x }, { shape: [rows, units] }, 2],
    ...[{ weight: bias }, { shape: [units] }, 1],
    ...[FLOAT32, { value: out }],
  ])
}

function addValues(a: Value, b: Value, list: StepList): Value {
  if (String(a.shape) !== String(b.shape))
    throw new LayersFormatError(`Add of shapes [${a.shape}] and [${b.shape}]`)
  const shape: Argument[] = [{ shape: [batch, product(a.shape)] }, 2]
  const args = (out: Value): Argument[] => [
    { value: a },
    ...shape,
    { value: b },
    ...shape,
    FLOAT32,
    { value: out },
  ]
  return elementwise('Add', a, list, args, [b])
}

function conv2d({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const [kernelHeight, kernelWidth, channels, filters] = list.weightShape(`${name}/kernel`) as number[]
  const [height, width, inputChannels] = x.shape
  if (x.shape.length !== 3 || inputChannels !== channels)
    throw new LayersFormatError(`layer ${name} expects [height, width, ${channels}], got [${x.shape}]`)
  const [strideY, strideX] = pair(config.strides)
  const [dilationY, dilationX] = pair(config.dilation_rate)
  const same = config.padding === 'same'
  const y = convolvedAxis(height!, kernelHeight!, strideY, dilationY, same)
  const z = convolvedAxis(width!, kernelWidth!, strideX, dilationX, same)
  const out = list.newValue([y.size, z.size, filters!])
  const activation = String(config.activation ?? 'linear')
  const bias: Argument = list.weightShape(`${name}/bias`) ? { weight: `${name}/bias`, packed: true } : 0
  const args: Argument[] = [
    ...[{ value: x }, batch, height!, width!],
    ...[{ weight: `${name}/kernel`, packed: true }, kernelHeight!, kernelWidth!, bias],
    ...[y.before, z.after, y.after, z.before, same ? 1 : 0], // top, right, bottom, left
    ...[dilationY, dilationX, strideY, strideX, channels!, filters!],
    ...[fused(activation) ?? 0, 0, 0, { value: out }], // no PReLU slopes, no leaky slope
  ]
  const macs = product(out.shape) * kernelHeight! * kernelWidth! * channels!
  list.steps.push({ kernel: 'FusedConv2D', args, reads: [x], writes: out, macs, elementwise: false })
  return fused(activation) === undefined ? activate(activation, out, list) : out
}

function convolvedAxis(size: number, kernel: number, stride: number, dilation: number, same: boolean) {
  const reach = (kernel - 1) * dilation + 1
  if (!same) return { size: Math.ceil((size - reach + 1) / stride), before: 0, after: 0 }
  const out = Math.ceil(size / stride)
  const padding = Math.max(0, (out - 1) * stride + reach - size)
  return { size: out, before: padding >> 1, after: padding - (padding >> 1) }
}

const pair = (value: unknown): [number, number] =>
  Array.isArray(value) ? (value as [number, number]) : [Number(value ?? 1), Number(value ?? 1)]

function relu({ config }: LayerNode, x: Value, list: StepList): Value {
  const out = activate('relu', x, list)
  if (typeof config.max_value !== 'number') return out
  const clip: Argument[] = [{ value: out }, 0, config.max_value]
  return elementwise('ClipByValue', out, list, (clipped) => [...clip, { value: clipped }])
}

function prelu({ name }: LayerNode, x: Value, list: StepList): Value {
  const slopes: Argument = { weight: `${name}/alpha`, packed: true }
  return elementwise('Prelu', x, list, (out) => [{ value: x }, slopes, { value: out }])
}

function reshaped(shape: number[], target: number[]): number[] {
  const known = target.filter((size) => size > 0).reduce((a, b) => a * b, 1)
  return target.map((size) => (size > 0 ? size : product(shape) / known)) // -1: what is left
}

function permute(x: Value, axes: number[], list: StepList): Value {
  const out = list.newValue(axes.map((axis) => x.shape[axis]!))
  transpose({ x, shape: [batch, ...x.shape], axes: [0, ...axes.map((axis) => axis + 1)], out }, list)
  return out
}

function transpose(
  { x, shape, axes, out }: { x: Value; shape: Size[]; axes: number[]; out: Value },
  list: StepList,
) {
  const args = [{ value: x }, { shape }, shape.length, FLOAT32, { value: out }, { shape: axes }, axes.length]
  list.steps.push({ kernel: 'Transpose', args, reads: [x], writes: out, elementwise: false })
}

/** [n, h, w, b*b*c] -> [n, h*b, w*b, c] as shared/layers.ts has it. */
function depthToSpace({ config }: LayerNode, x: Value, list: StepList): Value {
  const b = config.block_size as number
  const [h, w, c] = x.shape as [number, number, number]
  const out = list.newValue([h * b, w * b, c / (b * b)])
  transpose({ x, shape: [timesBatch(h), w, b, c / b], axes: [0, 2, 1, 3], out }, list)
  return out
}

function upSampling2d({ config }: LayerNode, x: Value, list: StepList): Value {
  const [height, width, channels] = x.shape as [number, number, number]
  const [scaleY, scaleX] = pair(config.size)
  const out = list.newValue([height * scaleY, width * scaleX, channels])
  const kernel = config.interpolation === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor'
  const sizes = [batch, height, width, channels, height * scaleY, width * scaleX]
  const args = [{ value: x }, ...sizes, 0, 0, { value: out }] // neither alignCorners nor halfPixelCenters
  list.steps.push({ kernel, args, reads: [x], writes: out, elementwise: false })
  return out
}
