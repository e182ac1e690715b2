import * as tf from '@tensorflow/tfjs'

/**
 * tfjs-node 4.22 makes `step`, which every ReLU's gradient calls, of five passes over memory that also keep NaN. Two
 * do for gradients: where the input is NaN, so is the loss, which is checked.
 */
export function registerFastStep(): void {
  const kernelName = 'Step'
  const slow = tf.getKernel(kernelName, 'tensorflow')
  tf.unregisterKernel(kernelName, 'tensorflow')
  tf.registerKernel({
    ...slow,
    kernelFunc: (args) => {
      if ((args.attrs as { alpha?: number } | undefined)?.alpha) return slow.kernelFunc(args)
      return tf.tidy(() => tf.cast(tf.greater(args.inputs.x as tf.Tensor, 0), 'float32'))
    },
  })
}
