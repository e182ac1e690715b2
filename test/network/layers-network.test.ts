import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { layersNetwork } from '../../node/tensorflow/layers-network.ts'
import { loadWasm } from '../../node/tensorflow/load-wasm.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import type { Kernels } from '../../shared/network/kernels/kernels.ts'
import type { LayersFile } from '../../shared/network/layers/layers-file.ts'
import { unsupportedOps } from '../../shared/network/network-plan.ts'
import { saveLayers } from '../../train/export/save-layers.ts'
import { buildDecoder, buildEncoder, type NetworkSpec } from '../../train/networks/families.ts'

const spec: NetworkSpec = {
  family: 'mlp',
  shape: { height: 8, width: 8, channels: 1 },
  latent: 4,
  widths: [16],
  linearPath: true,
  latentActivation: 'linear',
  outputActivation: 'linear',
  seed: 1,
}

let kernels: Kernels
beforeAll(async () => {
  await loadWasm()
  kernels = await loadNodeKernels()
})

const input = Float32Array.from({ length: 300 * 64 }, (_, i) => Math.abs(Math.sin(i * 1.7)))

test('TensorFlow.js gives what the planned executor gives, also for more images than one run takes', async () => {
  const file = await saveLayers(buildEncoder(spec).model)
  const slow = await layersNetwork(file)
  const fast = planNetwork(kernels, file)
  expect([slow.inputSize, slow.outputSize]).toEqual([64, 4])
  slow.input(300).set(input)
  fast.input(300).set(input)
  expect(slow.run(300)).toEqual(fast.run(300).slice())
})

test.for(['rnn', 'lstm', 'gru'] as const)('%s, which the planned executor lacks, runs', async (family) => {
  const recurrent = { ...spec, family, widths: [8] }
  const encoder = buildEncoder(recurrent).model
  const files: [LayersFile, number, number][] = [
    [await saveLayers(encoder), 64, 4],
    [await saveLayers(buildDecoder(recurrent)), 4, 64],
  ]
  for (const [file, inputs, outputs] of files) {
    expect(unsupportedOps(file.topology)).not.toEqual([])
    const network = await layersNetwork(file)
    network.input(5).set(input.subarray(0, 5 * inputs))
    const y = network.run(5)
    expect(y).toHaveLength(5 * outputs)
    network.input(1).set(input.subarray(2 * inputs, 3 * inputs))
    expect(network.run(1)).toEqual(y.slice(2 * outputs, 3 * outputs)) // batch 1 and 5 agree to the bit
    network.dispose()
  }
  tf.dispose(encoder.weights.map((weight) => weight.read()))
})
