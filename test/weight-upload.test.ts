import { beforeAll, expect, test } from 'vitest'
import { type Network, planNetwork, planNetworkFrom } from '../shared/executor.ts'
import type { Kernels } from '../shared/kernels.ts'
import type { LayersFile } from '../shared/manifest.ts'
import { loadNodeKernels } from '../train/node-kernels.ts'
import { noise } from './noise.ts'
import vectors from './vectors/executor.json' with { type: 'json' }

let kernels: Kernels
const { topology, weights } = vectors[0]!
const file: LayersFile = {
  topology: topology as unknown as LayersFile['topology'],
  weights: Buffer.from(weights, 'base64'),
}

beforeAll(async () => {
  kernels = await loadNodeKernels()
})

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

function outputOf(network: Network): Float32Array {
  network.input(1).set(noise(network.inputSize))
  const output = network.run(1).slice()
  network.dispose()
  return output
}

test('weights in pieces of any size make the same network as in one', async () => {
  const whole = outputOf(planNetwork(kernels, file))
  for (const size of [7, 1000, 65_536])
    expect(outputOf(await planNetworkFrom(kernels, file.topology, inPieces(file.weights, size)))).toEqual(
      whole,
    )
})

test('weights that end early, go on too long or break off leave nothing in memory', async () => {
  const before = { ...kernels.held, heapBytes: expect.any(Number) }
  async function* broken() {
    yield* inPieces(file.weights.subarray(0, 1000), 100)
    throw new Error('the connection broke')
  }
  const plan = (pieces: AsyncIterable<Uint8Array>) => planNetworkFrom(kernels, file.topology, pieces)
  await expect(plan(inPieces(file.weights.subarray(1), 999))).rejects.toThrow('weights.bin has')
  await expect(plan(inPieces(Buffer.concat([file.weights, file.weights]), 999))).rejects.toThrow(
    'weights.bin has',
  )
  await expect(plan(broken())).rejects.toThrow('the connection broke')
  expect(kernels.held).toEqual(before)
})
