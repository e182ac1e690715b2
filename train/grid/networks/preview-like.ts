/**
 * Training's stand-in for a preview of some 20 to 30 bytes (shared/preview): a few coarse DCT coefficients of a small
 * picture, at random fineness, on whole tiles.
 */
import * as tf from '@tensorflow/tfjs'
import type { Random } from '../../random.ts'

const SIDE = 16
const YCC = [0.299, 0.587, 0.114, -0.169, -0.331, 0.5, 0.5, -0.419, -0.081]
/** Its inverse. */
const RGB = [1, -0.0009, 1.4017, 1, -0.3437, -0.7142, 1, 1.7722, 0.001]
const LUMA_STEPS = [18 / 255, 64 / 255] as const
const CHROMA = { steps: 2, cut: 0.6 }

/** x16 [n, 16, 16, 3] on [0, 1] -> the same shape. */
export function previewLike(x16: tf.Tensor4D, random: Random): tf.Tensor4D {
  return tf.tidy(() => {
    const n = x16.shape[0]
    const dct = tf.tensor2d(dctMatrix(), [SIDE, SIDE])
    const colours = tf.matMul(tf.reshape(tf.sub(x16, 0.5), [-1, 3]), tf.tensor2d(YCC, [3, 3]), false, true)
    const byPlane = tf.transpose(tf.reshape(colours, [n, SIDE * SIDE, 3]), [0, 2, 1])
    const planes = tf.reshape(byPlane, [n * 3, SIDE, SIDE]) as tf.Tensor3D
    const coefficients = bothSides(dct, planes)
    const { steps, masks } = drawn(n, random)
    const index = tf.floor(tf.add(tf.div(tf.abs(coefficients), steps), 0.35))
    const coarse = tf.mul(tf.mul(tf.mul(tf.sign(coefficients), index), steps), masks) as tf.Tensor3D
    const back = bothSides(tf.transpose(dct) as tf.Tensor2D, coarse)
    const pixels = tf.reshape(tf.transpose(tf.reshape(back, [n, 3, SIDE * SIDE]), [0, 2, 1]), [-1, 3])
    const picture = tf.add(tf.matMul(pixels, tf.tensor2d(RGB, [3, 3]), false, true), 0.5)
    return tf.clipByValue(tf.reshape(picture, [n, SIDE, SIDE, 3]), 0, 1) as tf.Tensor4D
  })
}

/** m x m' for each plane x. */
function bothSides(m: tf.Tensor2D, x: tf.Tensor3D): tf.Tensor3D {
  const all = tf.tile(tf.expandDims(m, 0), [x.shape[0], 1, 1])
  return tf.matMul(tf.matMul(all, x), all, false, true) as tf.Tensor3D
}

/** For each plane a quantization step, and which coefficients (u + v below a cut) are kept. */
function drawn(n: number, random: Random) {
  const steps = new Float32Array(3 * n)
  const masks = new Float32Array(3 * n * SIDE * SIDE)
  for (let i = 0; i < n; i++) {
    const [low, high] = LUMA_STEPS
    const step = low * (high / low) ** random.uniform()
    const cut = 5 + 11 * random.uniform()
    for (let plane = 0; plane < 3; plane++) {
      steps[3 * i + plane] = plane === 0 ? step : CHROMA.steps * step
      const below = plane === 0 ? cut : CHROMA.cut * cut
      for (let at = 0; at < SIDE * SIDE; at++)
        masks[(3 * i + plane) * SIDE * SIDE + at] = (at >> 4) + (at & 15) < below ? 1 : 0
    }
  }
  return { steps: tf.tensor3d(steps, [3 * n, 1, 1]), masks: tf.tensor3d(masks, [3 * n, SIDE, SIDE]) }
}

function dctMatrix(): Float32Array {
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [k, x] = [i >> 4, i & 15]
    const scale = k === 0 ? Math.sqrt(1 / SIDE) : Math.sqrt(2 / SIDE)
    return scale * Math.cos((Math.PI / SIDE) * (x + 0.5) * k)
  })
}
