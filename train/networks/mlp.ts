import * as tf from '@tensorflow/tfjs'
import { type DenseActivation, type DenseOps, denseOps } from './dense-ops.ts'
import { TOWARDS_ZERO } from './weight-grid.ts'

/**
 * Networks of dense layers, sums and ReLUs (the mlp family, with and without its linear path) as one differentiable
 * function with its own backward pass. Automatic differentiation records each matrix product, bias and activation, and
 * differentiates each with several operations, whose dispatch is most of a small network's training step.
 */
interface Mlp {
  /** `inputIsData`: the input's gradient is not needed, which saves a fifth of the textbook network's products. */
  apply(x: tf.Tensor2D, inputIsData: boolean): tf.Tensor2D
}

/** What a network computes, as steps over values: value 0 is the input, and step i computes value i + 1. */
type Step =
  | {
      kind: 'dense'
      from: number
      kernel: tf.Variable
      bias: tf.Variable
      activation: DenseActivation
      isTrained: boolean
    }
  | { kind: 'add'; from: number[] }
  | { kind: 'relu'; from: number }

const known = new WeakMap<tf.LayersModel, Mlp | 'other'>()
const grids = new WeakMap<tf.Variable, tf.Tensor>()

/**
 * From now on this kernel's layers compute with its nearest multiples of `grid` (broadcast to the kernel), while the
 * kernel itself keeps learning as if it were not rounded: quantization-aware training (Jacob et al. 2018).
 */
export function roundKernel(kernel: tf.Variable, grid: tf.Tensor): void {
  grids.set(kernel, tf.keep(grid))
}

/** Throws if the kernel is not rounded. */
export function gridOf(kernel: tf.Variable): tf.Tensor {
  const grid = grids.get(kernel)
  if (!grid) throw new Error(`${kernel.name} is not rounded`)
  return grid
}

/** The kernel that its layers compute with. */
function roundedKernel(kernel: tf.Variable): tf.Tensor2D {
  const grid = grids.get(kernel)
  if (!grid) return kernel as tf.Tensor2D
  const steps = tf.div(kernel, grid)
  return tf.mul(tf.round(tf.sub(steps, tf.mul(tf.sign(steps), TOWARDS_ZERO))), grid) as tf.Tensor2D
}

/** The network's output; of an mlp by the function below, of the other families by tf.layers. */
export function applyNetwork(model: tf.LayersModel, x: tf.Tensor2D, inputIsData: boolean): tf.Tensor2D {
  const mlp = known.get(model) ?? mlpOf(model) ?? 'other'
  known.set(model, mlp)
  return mlp === 'other' ? (model.apply(x) as tf.Tensor2D) : mlp.apply(x, inputIsData)
}

/** Undefined if the model has a layer of another kind. */
export function mlpOf(model: tf.LayersModel): Mlp | undefined {
  const steps = stepsOf(model)
  if (!steps) return undefined
  const ops = denseOps()
  const weights = steps.flatMap((step) =>
    step.kind === 'dense' && step.isTrained ? [step.kernel, step.bias] : [],
  )
  return { apply: (x, inputIsData) => differentiable(ops, steps, weights, x, inputIsData) }
}

function stepsOf(model: tf.LayersModel): Step[] | undefined {
  const values = new Map<number, number>() // a symbolic tensor's id -> its value
  const steps: Step[] = []
  for (const layer of model.layers) {
    const output = layer.output as tf.SymbolicTensor
    if (layer.getClassName() === 'InputLayer') values.set(output.id, 0)
    else {
      const inputs = [layer.input].flat().map(({ id }) => values.get(id))
      const step = inputs.includes(undefined) ? undefined : stepOf(layer, inputs as number[])
      if (!step) return undefined
      steps.push(step)
      values.set(output.id, steps.length)
    }
  }
  return values.get((model.outputs[0] as tf.SymbolicTensor).id) === steps.length ? steps : undefined
}

function stepOf(layer: tf.layers.Layer, from: number[]): Step | undefined {
  switch (layer.getClassName()) {
    case 'Dense': {
      const [kernel, bias] = layer.weights.map((w) => w.read() as tf.Variable)
      const activation = layer.getConfig().activation as string
      if (!bias || !['linear', 'relu', 'sigmoid'].includes(activation)) return undefined
      return {
        kind: 'dense',
        from: from[0]!,
        kernel: kernel!,
        bias,
        activation: activation as DenseActivation,
        isTrained: layer.trainable,
      }
    }
    case 'Add':
      return { kind: 'add', from }
    case 'ReLU':
      return layer.getConfig().maxValue == null ? { kind: 'relu', from: from[0]! } : undefined
    default:
      return undefined
  }
}

function differentiable(
  ops: DenseOps,
  steps: Step[],
  weights: tf.Variable[],
  x: tf.Tensor2D,
  inputIsData: boolean,
) {
  const inputs: tf.Tensor[] = inputIsData ? weights : [x, ...weights]
  const withGradient = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc
    const values = forward(ops, steps, x)
    save(values)
    return {
      value: values.at(-1)!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const { dx, weightGradients } = backward(
          ops,
          steps,
          saved as tf.Tensor2D[],
          dy as tf.Tensor2D,
          !inputIsData,
        )
        return inputIsData ? weightGradients : [dx!, ...weightGradients]
      },
    }
  })
  return withGradient(...inputs) as tf.Tensor2D
}

function forward(ops: DenseOps, steps: Step[], x: tf.Tensor2D): tf.Tensor2D[] {
  const values = [x]
  for (const step of steps) {
    if (step.kind === 'dense') {
      const { kernel, bias, activation } = step
      values.push(ops.forward(values[step.from]!, roundedKernel(kernel), bias as tf.Tensor1D, activation))
    } else if (step.kind === 'add')
      values.push(step.from.map((i) => values[i]!).reduce((a, b) => tf.add(a, b)))
    else values.push(tf.relu(values[step.from]!))
  }
  return values
}

function backward(ops: DenseOps, steps: Step[], values: tf.Tensor2D[], dy: tf.Tensor2D, needInput: boolean) {
  const gradients = new Array<tf.Tensor2D | undefined>(values.length)
  const addTo = (i: number, gradient: () => tf.Tensor2D) => {
    if (i === 0 && !needInput) return
    const before = gradients[i]
    gradients[i] = before ? tf.add(before, gradient()) : gradient()
  }
  gradients[steps.length] = dy
  const weightGradients: tf.Tensor[] = []
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!
    const gradient = gradients[i + 1]!
    if (step.kind === 'dense') {
      const inner = ops.activationGradient(gradient, values[i + 1]!, step.activation)
      if (step.isTrained)
        weightGradients.unshift(ops.kernelGradient(values[step.from]!, inner), ops.biasGradient(inner))
      addTo(step.from, () => ops.inputGradient(inner, roundedKernel(step.kernel)))
    } else if (step.kind === 'add') for (const from of step.from) addTo(from, () => gradient)
    else addTo(step.from, () => ops.activationGradient(gradient, values[i + 1]!, 'relu'))
  }
  return { dx: gradients[0], weightGradients }
}
