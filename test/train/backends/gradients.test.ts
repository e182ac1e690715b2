import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '../../../train/backends/backend.ts'
import { buildDecoder, buildEncoder } from '../../../train/networks/families.ts'
import { mlpOf } from '../../../train/networks/mlp.ts'

beforeAll(() => selectBackend('wasm'))

type Loss = (...inputs: tf.Tensor[]) => tf.Tensor

/** The gradient along a random direction, by automatic differentiation and by central differences. */
function alongDirection(
  f: Loss,
  inputs: tf.Tensor[],
  which: number,
  step: number,
): [exact: number, difference: number] {
  const weights = normal(f(...inputs).shape, 77)
  const loss = (...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), weights)) as tf.Scalar
  const direction = normal(inputs[which].shape, 78)
  const gradient = tf.grads(loss)(inputs)[which]
  const moved = (sign: number) =>
    loss(...inputs.map((x, i) => (i === which ? tf.add(x, tf.mul(direction, sign * step)) : x))).dataSync()[0]
  return [tf.sum(tf.mul(gradient, direction)).dataSync()[0], (moved(1) - moved(-1)) / (2 * step)]
}

function normal(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, 'float32', seed)
}

function expectClose([exact, difference]: [number, number], relative = 2e-3) {
  expect(Math.abs(exact - difference)).toBeLessThan(relative * Math.max(1, Math.abs(exact)))
}

describe("convolution's gradients on wasm agree with finite differences", () => {
  // height, width, channels, filters, kernel, stride, padding
  test.each([
    [8, 8, 3, 5, 3, 1, 'same'],
    [8, 8, 3, 5, 3, 2, 'same'],
    [9, 7, 2, 4, 3, 2, 'same'],
    [9, 8, 2, 4, 3, 2, 'valid'],
    [10, 9, 1, 3, 5, 3, 'valid'],
    [6, 6, 4, 8, 1, 1, 'same'],
    [7, 7, 1, 1, 2, 2, 'same'],
  ] as const)('%ix%ix%i, %i filters of %i, stride %i, %s', (h, w, c, f, k, stride, padding) => {
    const inputs = [normal([3, h, w, c], 1), normal([k, k, c, f], 2)]
    const conv: Loss = (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding)
    expectClose(alongDirection(conv, inputs, 0, 1)) // linear in each: the step may be large
    expectClose(alongDirection(conv, inputs, 1, 1))
  })
})

describe("products' gradients on wasm agree with finite differences", () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('transposeA %s, transposeB %s', (transposeA, transposeB) => {
    const inputs = [normal(transposeA ? [7, 5] : [5, 7], 3), normal(transposeB ? [90, 7] : [7, 90], 4)]
    const product: Loss = (a, b) => tf.matMul(a, b, transposeA, transposeB)
    expectClose(alongDirection(product, inputs, 0, 1))
    expectClose(alongDirection(product, inputs, 1, 1))
  })

  test('also of stacks of matrices', () => {
    const inputs = [normal([3, 5, 7], 3), normal([3, 4, 7], 4)]
    expectClose(alongDirection((a, b) => tf.matMul(a, b, false, true), inputs, 1, 1))
  })
})

describe("an mlp's own backward pass", () => {
  const shape = { height: 6, width: 6, channels: 1 as const }

  test.each([true, false])(
    'equals automatic differentiation of its layers (linear path: %s)',
    (linearPath) => {
      const spec = { family: 'mlp' as const, shape, latent: 5, widths: [16, 8], linearPath, seed: 4 }
      const encoder = buildEncoder({ ...spec, latentActivation: 'relu', outputActivation: 'linear' }).model
      const decoder = buildDecoder({
        ...spec,
        latentActivation: 'relu',
        outputActivation: linearPath ? 'linear' : 'sigmoid',
      })
      const variables = [...encoder.trainableWeights, ...decoder.trainableWeights].map(
        (w) => w.read() as tf.Variable,
      )
      for (const [i, v] of variables.entries()) v.assign(tf.mul(normal(v.shape, i), 0.4)) // also where they start at zero
      const x = normal([9, 36], 50) as tf.Tensor2D
      const square = (y: tf.Tensor) => tf.mean(tf.square(tf.sub(y, x))) as tf.Scalar
      const expected = tf.variableGrads(() => square(decoder.apply(encoder.apply(x)) as tf.Tensor), variables)
      const own = tf.variableGrads(
        () => square(mlpOf(decoder)!.apply(mlpOf(encoder)!.apply(x, true), false)),
        variables,
      )
      expect(own.value.dataSync()[0]).toBeCloseTo(expected.value.dataSync()[0], 5)
      for (const { name } of variables) {
        const [a, b] = [own.grads[name].dataSync(), expected.grads[name].dataSync()]
        a.forEach((value, i) => {
          expect(value).toBeCloseTo(b[i], 5)
        })
      }
    },
  )

  test('gives the gradient of its input, by finite differences', () => {
    const spec = { family: 'mlp' as const, shape, latent: 5, widths: [16, 8], linearPath: false, seed: 4 }
    const mlp = mlpOf(buildDecoder({ ...spec, latentActivation: 'relu', outputActivation: 'sigmoid' }))!
    expectClose(
      alongDirection((y) => mlp.apply(y as tf.Tensor2D, false), [normal([9, 5], 51)], 0, 1e-3),
      1e-2,
    )
  })

  test('is not taken for networks with other layers', () => {
    const spec = {
      family: 'cnn' as const,
      shape: { ...shape, height: 8, width: 8 },
      latent: 5,
      widths: [4],
      seed: 4,
    }
    const { model } = buildEncoder({
      ...spec,
      linearPath: false,
      latentActivation: 'relu',
      outputActivation: 'sigmoid',
    })
    expect(mlpOf(model)).toBeUndefined()
  })
})
