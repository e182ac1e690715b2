/** Kernels of tfjs-node 4.22 that training calls at every step, in fewer or faster operations. */
import * as tf from '@tensorflow/tfjs'
import { TensorFlowOps } from './tensorflow-ops.ts'

/** Call it once, when the tensorflow backend is current. */
export function registerFastKernels(): void {
  const ops = new TensorFlowOps()
  replaceKernel('BatchMatMul', (slow) => (args) => {
    const { a, b } = args.inputs as { a: tf.Tensor; b: tf.Tensor }
    const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean }
    const areMatrices =
      a.shape.length === 2 && b.shape.length === 2 && a.dtype === 'float32' && b.dtype === 'float32'
    return areMatrices ? ops.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB) : slow(args)
  })
  // tfjs-node takes five passes over memory to keep NaN as well. Two are enough for the gradient of a ReLU, its only
  // use here: if the input is NaN so is the loss, which is checked.
  replaceKernel('Step', (slow) => (args) => {
    if ((args.attrs as { alpha?: number } | undefined)?.alpha) return slow(args)
    return tf.tidy(() => tf.cast(tf.greater(args.inputs.x as tf.Tensor, 0), 'float32'))
  })
}

function replaceKernel(kernelName: string, replacement: (slow: tf.KernelFunc) => tf.KernelFunc): void {
  const kernel = tf.getKernel(kernelName, 'tensorflow')
  tf.unregisterKernel(kernelName, 'tensorflow')
  tf.registerKernel({ ...kernel, kernelFunc: replacement(kernel.kernelFunc) })
}
