/** Dense layers: on own-kernels.wat if it can run them, else on XNNPACK, with the same bits. */
import { FLOAT32 } from '../kernels/kernels.ts'
import { type LayerNode, LayersFormatError } from '../layers/layer-graph.ts'
import { product, type Weight } from '../layers/layer-weights.ts'
import { isBfloat16 } from '../memory/place-weights.ts'
import {
  type Argument,
  activate,
  elementwise,
  fused,
  type Step,
  type StepList,
  timesBatch,
  type Value,
  weightOf,
} from './steps.ts'

export function dense({ name, config }: LayerNode, x: Value, list: StepList): Value {
  const [width, units] = weightOf(list, `${name}/kernel`, [undefined, undefined]) as [number, number]
  const kernel = list.weights.get(`${name}/kernel`)!
  if (list.weights.has(`${name}/bias`)) weightOf(list, `${name}/bias`, [units])
  const activation = String(config.activation ?? 'linear')
  const rows = product(x.shape.slice(0, -1))
  if (x.shape.at(-1) !== width)
    throw new LayersFormatError(`layer ${name} expects [.., ${width}], got [${x.shape}]`)
  const bias = list.weights.has(`${name}/bias`) ? `${name}/bias` : undefined
  const fusedBias = fused(activation) === undefined ? undefined : bias
  const out = list.newValue([...x.shape.slice(0, -1), units])
  const shape = { rows, width, units }
  const call =
    list.ownDense && suitsOwn(kernel, activation)
      ? ownDense(name, x, out, shape, fusedBias ?? zeros(units, list), activation)
      : fusedMatMul(name, x, out, shape, fusedBias, activation)
  list.steps.push({ ...call, reads: [x], writes: out, macs: rows * width * units, elementwise: false })
  if (fused(activation) !== undefined) return out
  return activate(activation, bias ? addBias(out, bias, units, list) : out, list)
}

interface DenseShape {
  rows: number // per image
  width: number
  units: number
}

/** own-kernels.wat writes 16 outputs at a time. */
const suitsOwn = (kernel: Weight, activation: string) =>
  kernel.shape[1] % 16 === 0 && activation !== 'elu' && isBfloat16(kernel)

/** The bias of a layer that has none. */
function zeros(units: number, { weights }: StepList): string {
  const name = `(zeros)/${units}`
  weights.set(name, { shape: [units], values: new Float32Array(units) })
  return name
}

function ownDense(
  name: string,
  x: Value,
  y: Value,
  { rows, width, units }: DenseShape,
  bias: string,
  activation: string,
): Pick<Step, 'kernel' | 'args'> {
  const floor = activation === 'relu' ? 0 : -Number.MAX_VALUE // -Infinity in float32, and JSON has it
  const weights: Argument[] = [{ panels: `${name}/kernel` }, { vector: bias }]
  const args = [{ pointer: x }, ...weights, { pointer: y }, { lists: rows * (2 * width + 1) }]
  return { kernel: 'dense', args: [...args, timesBatch(rows), width, units, floor] }
}

/** [batch * rows, width] x [width, units] on XNNPACK. */
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
