import { beforeAll, describe, expect, it } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import { models, randomFile } from './executor-networks.ts'

let kernels: Kernels

beforeAll(async () => {
  await usePlainTfjs()
  kernels = await loadNodeKernels()
})

describe('memory of the planned executor', () => {
  it('holds no more tensors or bytes after 500 requests than after the first ones', async () => {
    const network = planNetwork(kernels, await randomFile(models['a convolutional encoder']))
    const sizes = [1, 16, 64, 3]
    for (const batch of [...sizes, ...sizes]) network.run(batch)
    const before = { ...kernels.held }
    for (let i = 0; i < 500; i++) network.run(sizes[i % 100 === 0 ? 2 : 0])
    expect(kernels.held).toEqual(before)
    network.dispose()
  })

  it('is all freed by dispose, after any number of batch sizes', async () => {
    const own = await loadNodeKernels()
    const file = await randomFile(models['an encoder with a linear path'])
    for (let round = 0; round < 3; round++) {
      const network = planNetwork(own, file)
      for (let batch = 1; batch <= 20; batch++) network.run(batch)
      network.dispose()
      expect(own.held).toMatchObject({ tensors: 0, bytes: 0 })
    }
  })

  it('stays flat over 100 models loaded and dropped, the packed weights included', async () => {
    const own = await loadNodeKernels()
    const file = await randomFile(models['the textbook encoder'])
    const heapAfter: number[] = []
    for (let i = 0; i < 100; i++) {
      planNetwork(own, file).dispose()
      heapAfter.push(own.held.heapBytes)
    }
    expect(heapAfter.at(-1)).toBe(heapAfter[10])
  })

  it('beyond 4 GiB is an error, not a crash', async () => {
    const own = await loadNodeKernels()
    own.allocate(3 * 2 ** 30)
    expect(() => own.allocate(3 * 2 ** 30)).toThrow('wasm memory is full')
  })
})
