import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { selectBackend } from '../../../train/backends/backend.ts'
import { createAdam } from '../../../train/optimizer/adam.ts'
import { FlatAdam } from '../../../train/optimizer/adam-flat.ts'
import type { Optimizer, OptimizerState } from '../../../train/optimizer/optimizer.ts'
import { Random } from '../../../train/random.ts'
import { whyUnavailable } from './training-step.ts'

const shapes = [[7, 5], [13], [], [8, 4]] // sizes that are and are not multiples of the SIMD width
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]

function values(seed: number, scale = 1): Float32Array[] {
  const random = new Random(seed)
  return shapes.map((s) =>
    Float32Array.from({ length: tf.util.sizeFromShape(s) }, () => scale * random.normal()),
  )
}

/** Kingma & Ba's algorithm 1 in double precision, with the gradient's norm clipped. */
function reference(steps: number, rate: number, clipNorm: number): number[] {
  const weights = values(0).flatMap((v) => Array.from(v))
  const first = weights.map(() => 0)
  const second = weights.map(() => 0)
  for (let t = 1; t <= steps; t++) {
    const gradient = gradientsOf(t).flatMap((v) => Array.from(v))
    const norm = Math.hypot(...gradient)
    const scale = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1
    gradient.forEach((g, i) => {
      first[i] = beta1 * first[i] + (1 - beta1) * g * scale
      second[i] = beta2 * second[i] + (1 - beta2) * (g * scale) ** 2
      const root = Math.sqrt(second[i] / (1 - beta2 ** t))
      weights[i] -= (rate * first[i]) / (1 - beta1 ** t) / (root + epsilon)
    })
  }
  return weights
}

/** Some small, some large: some are clipped. */
function gradientsOf(step: number): Float32Array[] {
  return values(step, step % 3 === 0 ? 1 : 0.01)
}

function variables(): tf.Variable[] {
  return values(0).map((v, i) => tf.variable(tf.tensor(v, shapes[i])))
}

function update(optimizer: Optimizer, step: number): void {
  tf.tidy(() =>
    optimizer.apply(
      gradientsOf(step).map((g, i) => tf.tensor(g, shapes[i])),
      0.01,
    ),
  )
}

async function joined(parts: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const values: number[] = []
  for await (const part of parts) values.push(...part)
  return Float32Array.from(values)
}

async function stateOf(optimizer: Optimizer): Promise<OptimizerState> {
  const moments = await Promise.all([joined(optimizer.moments('first')), joined(optimizer.moments('second'))])
  return { steps: optimizer.steps, moments: [moments[0], moments[1]] }
}

async function weightsOf(vs: tf.Variable[]): Promise<number[]> {
  return (await Promise.all(vs.map((v) => v.data()))).flatMap((d) => Array.from(d))
}

describe.each(['wasm', 'tensorflow'] as const)('Adam on %s', async (backend) => {
  const reason = await whyUnavailable(backend)

  test.skipIf(reason).each([0, 0.5])('is the algorithm of the paper (clipNorm %d)', async (clipNorm) => {
    await selectBackend(backend)
    const settings = { beta1, beta2, epsilon, clipNorm }
    const expected = reference(40, 0.01, clipNorm)
    for (const create of [
      createAdam,
      async (...args: Parameters<typeof createAdam>) => new FlatAdam(...args),
    ]) {
      const vs = variables()
      const optimizer = await create(vs, settings)
      for (let step = 1; step <= 40; step++) update(optimizer, step)
      for (const [i, weight] of (await weightsOf(vs)).entries()) expect(weight).toBeCloseTo(expected[i], 4)
    }
  })

  test.skipIf(reason)('continues from its saved state to the same weights, to the bit', async () => {
    await selectBackend(backend)
    const settings = { beta1, beta2, epsilon, clipNorm: 0.5 }
    const unbroken = variables()
    const whole = await createAdam(unbroken, settings)
    for (let step = 1; step <= 20; step++) update(whole, step)

    const before = variables()
    const firstHalf = await createAdam(before, settings)
    for (let step = 1; step <= 10; step++) update(firstHalf, step)
    const state = await stateOf(firstHalf)
    const after = before.map((v) => tf.variable(tf.tensor(v.dataSync().slice(), v.shape)))
    const secondHalf = await createAdam(after, settings)
    secondHalf.restore(state)
    for (let step = 11; step <= 20; step++) update(secondHalf, step)
    expect(await weightsOf(after)).toEqual(await weightsOf(unbroken))
  })

  test.skipIf(reason)('sees values assigned to the variables between updates', async () => {
    await selectBackend(backend)
    const vs = variables()
    const optimizer = await createAdam(vs, { beta1, beta2, epsilon, clipNorm: 0 })
    update(optimizer, 1)
    const state = await stateOf(optimizer)
    for (const v of vs) v.assign(tf.zeros(v.shape))
    optimizer.restore(state)
    update(optimizer, 2)
    for (const weight of await weightsOf(vs)) expect(Math.abs(weight)).toBeLessThan(0.02)
  })

  test.skipIf(reason)("gives a large network's moments in parts, none longer than a variable", async () => {
    await selectBackend(backend)
    const size = 2 ** 24 + 4 // walked value by value, they would be more than a Set takes
    const optimizer = await createAdam([tf.variable(tf.zeros([size])), tf.variable(tf.zeros([4]))], {
      ...{ beta1, beta2, epsilon },
      clipNorm: 0,
    })
    const lengths: number[] = []
    for await (const part of optimizer.moments('second')) lengths.push(part.length)
    expect(lengths).toEqual([size, 4])
  })
})
