import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { loadWasm } from '../../../node/tensorflow/load-wasm.ts'
import { Random } from '../../../train/random.ts'

beforeAll(loadWasm)

interface Case {
  m: number
  k: number
  n: number
  /** Share of a's elements that are zero. */
  zeros: number
}

/** Rows in whole blocks of 16 and not; columns of every panel's width; few zeros (by tiles) and many (by lists). */
const cases: Case[] = [1, 16, 37].flatMap((m) =>
  [1, 5, 8, 32, 63].flatMap((n) => [0, 0.3, 0.8, 1].map((zeros) => ({ m, k: 19, n, zeros }))),
)

function matrix(random: Random, rows: number, columns: number, zeros: number): number[][] {
  const element = () => (random.uniform() < zeros ? 0 : random.normal())
  return Array.from({ length: rows }, () => Array.from({ length: columns }, element))
}

function transpose(a: number[][]): number[][] {
  return a[0].map((_, j) => a.map((row) => row[j]))
}

/** In single precision and in the order of k, as the kernel does it: equal to the bit. */
function product(a: number[][], b: number[][], bias: number[] | undefined, floor: number): number[] {
  const sum = (row: number[], j: number) =>
    row.reduce((s, v, k) => Math.fround(s + Math.fround(v * Math.fround(b[k][j]))), bias?.[j] ?? 0)
  const rounded = a.map((row) => row.map(Math.fround))
  return rounded.flatMap((row) => b[0].map((_, j) => Math.max(floor, sum(row, j))))
}

test("matrix products on wasm are the plain sums to the bit, whatever the sizes and a's zeros", () => {
  for (const { m, k, n, zeros } of cases) {
    const random = new Random(m, n, 100 * zeros)
    const [a, b] = [matrix(random, m, k, zeros), matrix(random, k, n, 0)]
    const expected = product(a, b, undefined, -Infinity)
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const) {
      const x = tf.tensor2d(transposeA ? transpose(a) : a, transposeA ? [k, m] : [m, k])
      const w = tf.tensor2d(transposeB ? transpose(b) : b, transposeB ? [n, k] : [k, n])
      expect(Array.from(tf.matMul(x, w, transposeA, transposeB).dataSync())).toEqual(expected)
    }
  }
})

test('dense layers on wasm: bias and activation are those of the plain sums', () => {
  for (const { m, k, n, zeros } of cases) {
    const random = new Random(m, n, 100 * zeros)
    const [x, w] = [matrix(random, m, k, zeros), matrix(random, k, n, 0)]
    const bias = Array.from({ length: n }, () => Math.fround(random.normal()))
    const layer = (activation: 'linear' | 'relu' | 'sigmoid') =>
      tf.fused
        .matMul({ a: tf.tensor2d(x), b: tf.tensor2d(w), bias: tf.tensor1d(bias), activation })
        .dataSync()
    const linear = product(x, w, bias, -Infinity)
    expect(Array.from(layer('linear'))).toEqual(linear)
    expect(Array.from(layer('relu'))).toEqual(product(x, w, bias, 0))
    for (const [i, y] of layer('sigmoid').entries()) expect(y).toBeCloseTo(1 / (1 + Math.exp(-linear[i])), 5)
  }
})

test('a product that is NaN stays NaN', () => {
  expect(tf.matMul(tf.tensor2d([[0, NaN]]), tf.tensor2d([[1], [1]])).dataSync()[0]).toBeNaN()
})
