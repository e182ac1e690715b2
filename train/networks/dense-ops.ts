import * as tf from '@tensorflow/tfjs'
import { TensorFlowOps } from '../backends/tensorflow-ops.ts'

export type DenseActivation = 'linear' | 'relu' | 'sigmoid'

/** A dense layer and its gradient, in as few operations as the backend has for it. */
export interface DenseOps {
  /** activation(x kernel + bias) */
  forward(x: tf.Tensor2D, kernel: tf.Tensor2D, bias: tf.Tensor1D, activation: DenseActivation): tf.Tensor2D
  /** The gradient of the output y -> the gradient of the activation's input. */
  activationGradient(dy: tf.Tensor2D, y: tf.Tensor2D, activation: DenseActivation): tf.Tensor2D
  kernelGradient(x: tf.Tensor2D, dy: tf.Tensor2D): tf.Tensor2D
  biasGradient(dy: tf.Tensor2D): tf.Tensor1D
  inputGradient(dy: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D
}

export function denseOps(): DenseOps {
  return tf.getBackend() === 'tensorflow' ? tensorFlowOps() : tfjsOps
}

const tfjsOps: DenseOps = {
  forward: (a, b, bias, activation) => tf.fused.matMul({ a, b, bias, activation }) as tf.Tensor2D,
  activationGradient: (dy, y, activation) => {
    if (activation === 'relu') return tf.mul(dy, tf.step(y))
    if (activation === 'sigmoid') return tf.mul(dy, tf.sub(y, tf.square(y)))
    return dy
  },
  kernelGradient: (x, dy) => tf.matMul(x, dy, true, false),
  biasGradient: (dy) => tf.sum(dy, 0),
  inputGradient: (dy, kernel) => tf.matMul(dy, kernel, false, true),
}

function tensorFlowOps(): DenseOps {
  const ops = new TensorFlowOps()
  const activated = {
    linear: (x: tf.Tensor) => x,
    relu: (x: tf.Tensor) => ops.run('Relu', x),
    sigmoid: (x: tf.Tensor) => ops.run('Sigmoid', x),
  }
  return {
    forward: (x, kernel, bias, activation) =>
      activated[activation](ops.run('BiasAdd', ops.matMul(x, kernel, false, false), bias)) as tf.Tensor2D,
    activationGradient: (dy, y, activation) => {
      if (activation === 'relu') return ops.run('ReluGrad', dy, y) as tf.Tensor2D
      if (activation === 'sigmoid') return ops.run('SigmoidGrad', y, dy) as tf.Tensor2D
      return dy
    },
    kernelGradient: (x, dy) => ops.matMul(x, dy, true, false),
    biasGradient: (dy) => ops.run('BiasAddGrad', dy) as tf.Tensor1D,
    inputGradient: (dy, kernel) => ops.matMul(dy, kernel, false, true),
  }
}
