import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readWeights } from '../../shared/network/layers/layer-weights.ts'
import { isBfloat16 } from '../../shared/network/memory/place-weights.ts'
import { saveLayers } from '../../train/export/save-layers.ts'

beforeAll(() => tf.setBackend('cpu'))

async function saved(values: number[]) {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [values.length], units: 1 })] })
  model.layers[0].setWeights([tf.tensor2d(values, [values.length, 1]), tf.zeros([1])])
  const file = await saveLayers(model)
  const [kernel] = readWeights(file).values()
  const { quantization } = file.topology.weightsManifest[0].weights[0]
  return { kernel: kernel!, dtype: quantization?.dtype }
}

const weight = fc.double({ min: -4, max: 4, noNaN: true })

test('matrices are stored as float16, each value within 2^-8 of itself or 2^-24, and are bfloat16 as well', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(weight, { minLength: 1, maxLength: 50 }), async (some) => {
      const values = [...some, 1, 0, 2 ** -14, 2 ** -15 / 3, -(2 ** -20), 2 ** -30].map(Math.fround)
      const { kernel, dtype } = await saved(values)
      expect(dtype).toBe('float16')
      expect(isBfloat16(kernel)).toBe(true)
      for (const [i, value] of values.entries())
        expect(Math.abs(kernel.values[i] - value)).toBeLessThanOrEqual(Math.abs(value) / 256 + 2 ** -24)
    }),
  )
})

test('matrices beyond what float16 holds well stay float32: all tiny, or some huge', async () => {
  for (const values of [
    [1e-5, -2e-4],
    [1, 1e6],
  ]) {
    const { kernel, dtype } = await saved(values)
    expect(dtype).toBeUndefined()
    for (const [i, value] of values.entries())
      expect(Math.abs(kernel.values[i] / value - 1)).toBeLessThanOrEqual(1 / 256)
  }
})
