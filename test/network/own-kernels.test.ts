import { readFile } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { assemble, OWN_KERNELS } from '../../scripts/assemble-own-kernels.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import { fromSamples, toSamples } from '../../shared/network/kernels/float-samples.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import { randomFile, sequential } from './executor-networks.ts'

let kernels: Kernels

beforeAll(async () => {
  await usePlainTfjs()
  kernels = await loadNodeKernels()
})

/** In place, as networks do it. `floats` are in whole sixteens. */
function toSamplesInPlace(floats: Float32Array): Uint8Array {
  const place = kernels.allocate(4 * floats.length)
  kernels.floats(place, floats.length).set(floats)
  kernels.call.toSamples(place, place, floats.length)
  const samples = new Uint8Array(kernels.buffer, place, floats.length).slice()
  kernels.free(place)
  return samples
}

describe("the project's own kernels", () => {
  it.each(Object.entries(OWN_KERNELS))('%s is what %s gives', async (path, source) => {
    expect(await readFile(path)).toEqual(Buffer.from(await assemble(source)))
  })

  it('make of each sample the same float as shared/network/kernels/float-samples.ts, in place', () => {
    const samples = Uint8Array.from({ length: 256 }, (_, i) => i)
    const place = kernels.allocate(4 * 256)
    new Uint8Array(kernels.buffer, place + 3 * 256, 256).set(samples)
    kernels.call.fromSamples(place + 3 * 256, place, 256)
    const expected = new Float32Array(256)
    fromSamples(samples, expected, 0)
    expect(kernels.floats(place, 256)).toEqual(expected)
    kernels.free(place)
  })

  it('make of any float the same sample as shared/network/kernels/float-samples.ts', () => {
    const around = Array.from({ length: 512 }, (_, i) => Math.fround(i / 510)) // every limit between two samples
    const bits = new Uint32Array(Float32Array.from(around).buffer)
    const neighbours = [-1, 1].flatMap((ulp) => [
      ...new Float32Array(bits.map((word) => Math.max(0, word + ulp)).buffer),
    ])
    const odd = [
      NaN,
      Infinity,
      -Infinity,
      -0,
      1e-40,
      -1e-40,
      1,
      1.0000001,
      3e38,
      -3e38,
      2 ** 31,
      -0.001,
      0,
      0,
      0,
      0,
    ]
    const floats = Float32Array.from([...around, ...neighbours, ...odd])
    expect(toSamplesInPlace(floats)).toEqual(toSamples(floats))
    const sixteens = fc.float32Array({ minLength: 16, maxLength: 16, min: -0.5, max: 1.5, noNaN: true })
    fc.assert(
      fc.property(sixteens, (some) => {
        expect(toSamplesInPlace(some)).toEqual(toSamples(some))
      }),
    )
  })

  it('run a network from samples to samples like the backend’s kernels, at sizes that are not multiples of 16', async () => {
    const file = await randomFile(() =>
      sequential([25], tf.layers.dense({ units: 33, activation: 'sigmoid' })),
    )
    const without = await loadNodeKernels({ ownDense: false })
    const networks = [planNetwork(kernels, file), planNetwork(without, file)]
    for (const batch of [1, 3, 70, 2]) {
      const images = Array.from({ length: batch }, (_, i) =>
        Uint8Array.from({ length: 25 }, (_, s) => (i * 31 + s * 11) % 256),
      )
      const [own, other] = networks.map((network) => {
        const floats = network.runOnSamples(images).slice()
        return { floats, samples: network.runToSamples(batch) }
      })
      expect(own!.floats).toEqual(other!.floats)
      expect(own!.samples).toEqual(toSamples(own!.floats))
    }
  })
})
