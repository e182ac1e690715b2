import * as tf from '@tensorflow/tfjs'

/**
 * [n, h, w, b*b*c] -> [n, h*b, w*b, c], in TensorFlow's order (dy, dx, channel).
 *
 * tf.layers has no such layer, and its Reshape keeps the batch axis. It is made of reshape and transpose because the
 * depthToSpace kernel of tfjs-backend-wasm 4.22 is several times slower and has no gradient.
 */
export class DepthToSpace extends tf.layers.Layer {
  static readonly className = 'DepthToSpace'
  readonly blockSize: number

  constructor(args: { blockSize: number; name?: string }) {
    super(args)
    this.blockSize = args.blockSize
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const [n, h, w, c] = inputShape as number[]
    const b = this.blockSize
    return [n!, h! * b, w! * b, c! / (b * b)]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    return tf.tidy(() => {
      const [n, h, w, c] = x.shape as [number, number, number, number]
      const b = this.blockSize
      const rows = tf.transpose(tf.reshape(x, [n * h, w, b, c / b]), [0, 2, 1, 3]) // [n*h, b, w, b*c']
      return tf.reshape(rows, [n, h * b, w * b, c / (b * b)])
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), blockSize: this.blockSize }
  }
}
tf.serialization.registerClass(DepthToSpace)
