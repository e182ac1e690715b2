/** Operations of the grid codec's networks that tfjs lacks, or that have no gradient on some backends. All NHWC. */
import * as tf from '@tensorflow/tfjs'

/** [n, h*b, w*b, c] -> [n, h, w, b*b*c], in TensorFlow's order (dy, dx, channel). */
export function spaceToDepth(x: tf.Tensor4D, b: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape
  const rows = tf.reshape(x, [(n * h) / b, b, w / b, b * c])
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [n, h / b, w / b, b * b * c])
}

/** [n, h, w, b*b*c] -> [n, h*b, w*b, c]: the inverse of spaceToDepth. */
export function depthToSpace(x: tf.Tensor4D, b: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape
  const rows = tf.transpose(tf.reshape(x, [n * h, w, b, c / b]), [0, 2, 1, 3])
  return tf.reshape(rows, [n, h * b, w * b, c / (b * b)])
}

/** [n, h, w, 3] -> [n, 4h, 4w, 3], bilinear with half-pixel centres, as two products with a matrix. */
export function upsample4(x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape
  const rows = multiplyRows(tf.reshape(x, [n, h, w * c]), h) // [n, 4h, w*c]
  const columns = tf.transpose(tf.reshape(rows, [n, 4 * h, w, c]), [0, 2, 1, 3]) // [n, w, 4h, c]
  const wide = multiplyRows(tf.reshape(columns, [n, w, 4 * h * c]), w) // [n, 4w, 4h*c]
  return tf.transpose(tf.reshape(wide, [n, 4 * w, 4 * h, c]), [0, 2, 1, 3])
}

const multiplyRows = (x: tf.Tensor, rows: number) =>
  tf.matMul(tf.tile(tf.expandDims(bilinearMatrix(rows), 0), [x.shape[0], 1, 1]), x)

function bilinearMatrix(n: number): tf.Tensor2D {
  const matrix = new Float32Array(4 * n * n)
  for (let i = 0; i < 4 * n; i++) {
    const at = (i + 0.5) / 4 - 0.5
    const low = Math.floor(at)
    matrix[i * n + Math.max(0, low)] += 1 - (at - low)
    matrix[i * n + Math.min(n - 1, low + 1)] += at - low
  }
  return tf.tensor2d(matrix, [4 * n, n])
}

/** Where in a quantization interval, [0, 1), a value is reconstructed. */
const RECONSTRUCTION = 0.45

/**
 * Rounds down in magnitude, with a dead zone of two steps, like the embedded code's bit planes. The gradient passes
 * straight through.
 */
export function quantizeStraightThrough(r: tf.Tensor4D, steps: tf.Tensor4D): tf.Tensor4D {
  const quantizer = tf.customGrad((...args) => {
    const [x] = args as [tf.Tensor4D]
    const index = tf.floor(tf.div(tf.abs(x), steps))
    const size = tf.mul(tf.add(index, RECONSTRUCTION), steps)
    const value = tf.mul(tf.mul(tf.sign(x), size), tf.cast(tf.greater(index, 0), 'float32')) as tf.Tensor4D
    return { value, gradFunc: (dy: tf.Tensor4D) => [dy] }
  })
  return quantizer(r) as tf.Tensor4D
}

/** The value, without its gradient. */
export function withoutGradient<T extends tf.Tensor>(x: T): T {
  const stop = tf.customGrad((...args) => {
    const [value] = args as [T]
    return { value: tf.clone(value), gradFunc: () => [tf.zerosLike(value)] }
  })
  return stop(x) as T
}
