import { beforeAll, expect, test } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { loadNetwork, planNetwork } from '../../shared/network/executor.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import type { Network } from '../../shared/network/network.ts'
import { compileNetwork } from '../../shared/network/network-plan.ts'
import vectors from '../vectors/executor.json' with { type: 'json' }
import { noise } from './noise.ts'

let kernels: Kernels
const { topology, weights } = vectors[0]
const file: LayersFile = {
  topology: topology as unknown as LayersFile['topology'],
  weights: Buffer.from(weights, 'base64'),
}
const { plan, bytes } = compileNetwork(file)

beforeAll(async () => {
  kernels = await loadNodeKernels()
})

type Write = (piece: Uint8Array) => void

const inPieces = (bytes: Uint8Array, size: number) => async (write: Write) => {
  for (let at = 0; at < bytes.length; at += size) {
    await undefined
    write(bytes.slice(at, at + size))
  }
}

function outputOf(network: Network): Float32Array {
  network.input(1).set(noise(network.inputSize))
  const output = network.run(1).slice()
  network.dispose()
  return output
}

test('a plan through JSON, its weights in pieces of any size, makes the same network as the file', async () => {
  const whole = outputOf(planNetwork(kernels, file))
  const stored = JSON.parse(JSON.stringify(plan))
  for (const size of [7, 1000, 65_536])
    expect(outputOf(await loadNetwork(kernels, stored, inPieces(bytes, size)))).toEqual(whole)
})

test('weights that end early, go on too long or break off leave nothing in memory', async () => {
  const before = { ...kernels.held, heapBytes: expect.any(Number) }
  const broken = async (write: Write) => {
    await inPieces(bytes.subarray(0, 1000), 100)(write)
    throw new Error('the connection broke')
  }
  const load = (read: (write: Write) => Promise<void>) => loadNetwork(kernels, plan, read)
  await expect(load(inPieces(bytes.subarray(1), 999))).rejects.toThrow('end early')
  await expect(load(inPieces(Buffer.concat([bytes, bytes]), 999))).rejects.toThrow('more than')
  await expect(load(broken)).rejects.toThrow('the connection broke')
  expect(kernels.held).toEqual(before)
})
