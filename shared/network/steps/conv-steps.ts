/** Convolutions, on XNNPACK. */
import { type LayerNode, LayersFormatError } from '../layers/layer-graph.ts'
import { product } from '../layers/layer-weights.ts'
import { type Argument, activate, batch, fused, pair, type StepList, type Value, weightOf } from './steps.ts'

export function conv2d({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const kernel = weightOf(list, `${name}/kernel`, [undefined, undefined, undefined, undefined])
  const [kernelHeight, kernelWidth, channels, filters] = kernel as [number, number, number, number]
  if (list.weights.has(`${name}/bias`)) weightOf(list, `${name}/bias`, [filters])
  const [height, width, inputChannels] = x.shape
  if (x.shape.length !== 3 || inputChannels !== channels)
    throw new LayersFormatError(`layer ${name} expects [height, width, ${channels}], got [${x.shape}]`)
  const [strideY, strideX] = pair(name, config.strides)
  const [dilationY, dilationX] = pair(name, config.dilation_rate)
  const same = config.padding === 'same'
  const y = convolvedAxis(height!, kernelHeight, strideY, dilationY, same)
  const z = convolvedAxis(width!, kernelWidth, strideX, dilationX, same)
  const out = list.newValue([y.size, z.size, filters])
  const activation = String(config.activation ?? 'linear')
  const bias: Argument = list.weights.has(`${name}/bias`) ? { weight: `${name}/bias`, packed: true } : 0
  const args: Argument[] = [
    ...[{ value: x }, batch, height!, width!],
    ...[{ weight: `${name}/kernel`, packed: true }, kernelHeight, kernelWidth, bias],
    ...[y.before, z.after, y.after, z.before, same ? 1 : 0], // top, right, bottom, left
    ...[dilationY, dilationX, strideY, strideX, channels, filters],
    ...[fused(activation) ?? 0, 0, 0, { value: out }], // no PReLU slopes, no leaky slope
  ]
  const macs = product(out.shape) * kernelHeight * kernelWidth * channels
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
