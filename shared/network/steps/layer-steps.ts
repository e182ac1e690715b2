/**
 * Turns each layer of tf.layers into calls of the backend's kernels: the calls that tf.layers 4.22 itself makes in the
 * end, so the result is the same to the bit. Dense layers run on a faster kernel of our own, own-kernels.wat, if their
 * size and weights allow; it computes the same bits.
 */

import { FLOAT32 } from '../kernels/kernels.ts'
import { type LayerNode, LayersFormatError } from '../layers/layer-graph.ts'
import { product } from '../layers/layer-weights.ts'
import { conv2d } from './conv-steps.ts'
import { dense } from './dense-steps.ts'
import {
  type Argument,
  activate,
  activations,
  batch,
  elementwise,
  pair,
  type Size,
  type StepList,
  timesBatch,
  type Value,
  wholeNumbers,
} from './steps.ts'

class UnsupportedOpError extends Error {
  override name = 'UnsupportedOpError'
}

export function lowerLayer(node: LayerNode, inputs: Value[], list: StepList): Value {
  const reason = whyUnsupported(node)
  if (reason) throw new UnsupportedOpError(`the edge executor cannot run ${reason}`)
  const x = inputs[0]
  if (x === undefined) throw new LayersFormatError(`layer ${node.name} has no input`)
  return lowerings[node.className](node, x, list, inputs)
}

/** Why the executor cannot run a layer; undefined if it can. */
export function whyUnsupported({ name, className, config }: LayerNode): string | undefined {
  if (className === 'InputLayer') return undefined
  if (!Object.hasOwn(lowerings, className)) return `layer ${name}: ${className}`
  const activation = config.activation ?? 'linear'
  if (!Object.hasOwn(activations, String(activation)))
    return `layer ${name}: ${className} with activation ${activation}`
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
  Reshape: (node, x) => ({ ...x, shape: reshaped(node, x.shape) }),
  Permute: permute,
  DepthToSpace: depthToSpace,
  UpSampling2D: upSampling2d,
  Dropout: (_node, x) => x, // like GaussianNoise, only active in training
  GaussianNoise: (_node, x) => x,
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

function relu({ config }: LayerNode, x: Value, list: StepList): Value {
  const out = activate('relu', x, list)
  if (typeof config.max_value !== 'number') return out
  const clip: Argument[] = [{ value: out }, 0, config.max_value]
  return elementwise('ClipByValue', out, list, (clipped) => [...clip, { value: clipped }])
}

function prelu({ name }: LayerNode, x: Value, list: StepList): Value {
  const alpha = list.weights.get(`${name}/alpha`)
  if (!alpha || product(x.shape) % product(alpha.shape) !== 0)
    throw new LayersFormatError(`layer ${name} has no slopes that suit [${x.shape}]`)
  const slopes: Argument = { weight: `${name}/alpha`, packed: true }
  return elementwise('Prelu', x, list, (out) => [{ value: x }, slopes, { value: out }])
}

function reshaped({ name, config }: LayerNode, shape: number[]): number[] {
  const target = wholeNumbers(
    name,
    (config.target_shape as unknown[])?.map?.((size) => size ?? -1),
    -1,
  )
  const known = target.filter((size) => size > 0).reduce((a, b) => a * b, 1)
  const filled = target.map((size) => (size > 0 ? size : product(shape) / known)) // -1: what is left
  if (product(filled) !== product(shape) || !filled.every(Number.isInteger))
    throw new LayersFormatError(`layer ${name} makes [${target}] of [${shape}]`)
  return filled
}

function permute({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const axes = wholeNumbers(name, config.dims, 1).map((d) => d - 1)
  if (String(axes.toSorted((a, b) => a - b)) !== String([...x.shape.keys()]))
    throw new LayersFormatError(`layer ${name} permutes [${x.shape}] by [${config.dims}]`)
  const out = list.newValue(axes.map((axis) => x.shape[axis]))
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

/** [n, h, w, b*b*c] -> [n, h*b, w*b, c], the order of node/tensorflow/layers.ts. */
function depthToSpace({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const [b] = wholeNumbers(name, [config.block_size], 1) as [number]
  const [h, w, c] = spatial(name, x)
  if (c % (b * b) !== 0)
    throw new LayersFormatError(`layer ${name} makes blocks of ${b}x${b} of [${x.shape}]`)
  const out = list.newValue([h * b, w * b, c / (b * b)])
  transpose({ x, shape: [timesBatch(h), w, b, c / b], axes: [0, 2, 1, 3], out }, list)
  return out
}

function upSampling2d({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const [height, width, channels] = spatial(name, x)
  const [scaleY, scaleX] = pair(name, config.size)
  const out = list.newValue([height * scaleY, width * scaleX, channels])
  const kernel = config.interpolation === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor'
  const sizes = [batch, height, width, channels, height * scaleY, width * scaleX]
  const args = [{ value: x }, ...sizes, 0, 0, { value: out }] // neither alignCorners nor halfPixelCenters
  list.steps.push({ kernel, args, reads: [x], writes: out, elementwise: false })
  return out
}

function spatial(name: string, { shape }: Value): [number, number, number] {
  if (shape.length !== 3)
    throw new LayersFormatError(`layer ${name} expects [height, width, channels], got [${shape}]`)
  return shape as [number, number, number]
}
