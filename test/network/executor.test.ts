import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { loadPlain, predictPlain, toLayersFile, usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import { type Kernels, loadKernels } from '../../shared/network/kernels/kernels.ts'
import type { LayersFile, WeightSpec } from '../../shared/network/layers/layers-file.ts'
import { compileNetwork, unsupportedOps } from '../../shared/network/network-plan.ts'
import { cnn, models, pairOf, randomFile, sequential, textbook } from './executor-networks.ts'
import { noise } from './noise.ts'

const BATCHES = [1, 16, 64]
let kernels: Kernels
let backendOnly: Kernels

beforeAll(async () => {
  await usePlainTfjs()
  kernels = await loadNodeKernels()
  backendOnly = await loadNodeKernels({ ownDense: false })
})

describe('the planned executor', () => {
  for (const [name, build] of Object.entries(models)) {
    const title = `equals tf.layers to the bit at batch ${BATCHES.join(', ')}: ${name}`
    it.each(['float32', 'bfloat16'])(`${title}, weights in %s`, async (precision) => {
      const file = await randomFile(build, precision === 'bfloat16')
      const plain = await loadPlain(file)
      for (const network of [planNetwork(kernels, file), planNetwork(backendOnly, file)]) {
        for (const batch of [...BATCHES, 1]) {
          const input = noise(batch * network.inputSize)
          network.input(batch).set(input)
          const output = network.run(batch)
          expect(output).toEqual(predictPlain(plain, input, batch))
          expect(new Set(output).size).toBeGreaterThan(network.outputSize / 4) // not all alike
        }
        network.dispose()
      }
    })
  }

  it('runs Dense layers of rounded weights by its own kernel', async () => {
    const kernelsOf = async (rounded: boolean) =>
      compileNetwork(await randomFile(models['the textbook encoder'], rounded)).plan.steps.map(
        (step) => step.kernel,
      )
    expect(await kernelsOf(true)).toEqual(['dense', 'dense'])
    expect(await kernelsOf(false)).toEqual(['_FusedMatMul', '_FusedMatMul'])
  })

  it('skips inputs of zero without changing the result: all black, one pixel, none', async () => {
    const file = await randomFile(models['the textbook encoder'])
    const [own, backend] = [planNetwork(kernels, file), planNetwork(backendOnly, file)]
    for (const pixels of [0, 1, 783, 784]) {
      const image = Float32Array.from({ length: 784 }, (_, i) => (i >= 784 - pixels ? 0.5 : 0))
      for (const network of [own, backend]) network.input(1).set(image)
      expect(own.run(1)).toEqual(backend.run(1))
    }
    own.dispose()
    backend.dispose()
  })

  it('gives an image the same bits alone and in any batch', async () => {
    const network = planNetwork(kernels, await randomFile(models['a convolutional decoder']))
    const images = noise(100 * network.inputSize)
    network.input(100).set(images)
    const together = network.run(100).slice()
    for (const i of [0, 1, 63, 64, 99]) {
      network.input(1).set(images.subarray(i * network.inputSize, (i + 1) * network.inputSize))
      expect(network.run(1)).toEqual(together.subarray(i * network.outputSize, (i + 1) * network.outputSize))
    }
    network.dispose()
  })

  for (const dtype of ['uint8', 'uint16', 'float16'] as const) {
    it(`dequantizes ${dtype} weights as tfjs does`, async () => {
      const file = quantize(await randomFile(models['the textbook encoder'], false), dtype)
      const plain = await loadPlain(file)
      const network = planNetwork(kernels, file)
      const input = noise(network.inputSize)
      network.input(1).set(input)
      expect(network.run(1)).toEqual(predictPlain(plain, input, 1))
      network.dispose()
    })
  }

  it('keeps two networks resident that do not disturb each other', async () => {
    const one = planNetwork(kernels, await randomFile(models['the textbook encoder']))
    const input = noise(one.inputSize)
    one.input(1).set(input)
    const before = one.run(1).slice()
    const other = planNetwork(kernels, await randomFile(models['a convolutional encoder']))
    other.input(64).set(noise(64 * other.inputSize))
    other.run(64)
    one.input(1).set(input)
    expect(one.run(1)).toEqual(before)
    one.dispose()
    other.dispose()
  })

  it('keeps its views right when the wasm memory grows between calls', async () => {
    const own = await loadNodeKernels()
    const network = planNetwork(own, await randomFile(models['the textbook encoder']))
    const input = noise(network.inputSize)
    network.input(1).set(input)
    const before = network.run(1).slice()
    const heapBytes = own.held.heapBytes
    own.allocate(heapBytes)
    expect(own.held.heapBytes).toBeGreaterThan(heapBytes)
    network.input(1).set(input)
    expect(network.run(1)).toEqual(before)
  })

  it('grows the memory by what is requested, not by a fifth of the whole', async () => {
    const own = await loadNodeKernels()
    const asked = own.held.heapBytes
    own.allocate(asked)
    expect(own.held.heapBytes).toBeLessThan(2 * asked + 2 ** 18)
  })
})

describe('what the executor refuses', () => {
  it('a layer it has no kernels for, by name and class', async () => {
    const build = () => pairOf({ ...textbook, family: 'gru', widths: [8] })[0]
    const file = await toLayersFile(build())
    expect(unsupportedOps(file.topology)).toEqual(['layer gru: GRU'])
    expect(() => planNetwork(kernels, file)).toThrow('layer gru: GRU')
    expect(unsupportedOps((await toLayersFile(pairOf(cnn)[1])).topology)).toEqual([])
  })

  it('an activation it has no kernel for', async () => {
    const dense = tf.layers.dense({ units: 2, activation: 'softmax', name: 'last' })
    const file = await toLayersFile(sequential([3], dense))
    expect(unsupportedOps(file.topology)).toEqual(['layer last: Dense with activation softmax'])
  })

  it('weights that are too short or too long for their manifest', async () => {
    const file = await randomFile(models['the textbook encoder'])
    expect(() => planNetwork(kernels, { ...file, weights: file.weights.subarray(4) })).toThrow(
      'weights.bin has',
    )
    expect(() =>
      planNetwork(kernels, { ...file, weights: Buffer.concat([file.weights, Buffer.alloc(4)]) }),
    ).toThrow('weights.bin has')
  })

  it('a wasm file that is not the backend it was written for', async () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    await expect(loadKernels(new WebAssembly.Module(empty))).rejects.toThrow('4.22.0')
  })
})

function quantize(file: LayersFile, dtype: 'uint8' | 'uint16' | 'float16'): LayersFile {
  const topology = structuredClone(file.topology)
  const parts: Uint8Array[] = []
  let offset = 0
  for (const spec of topology.weightsManifest[0].weights) {
    const length = spec.shape.reduce((a, b) => a * b, 1)
    const values = new Float32Array(file.weights.slice(offset, offset + 4 * length).buffer)
    offset += 4 * length
    parts.push(dtype === 'float16' ? randomHalves(spec, length) : linearLevels(spec, values, dtype))
  }
  return { topology, weights: new Uint8Array(Buffer.concat(parts)) }
}

function linearLevels(spec: WeightSpec, values: Float32Array, dtype: 'uint8' | 'uint16'): Uint8Array {
  const [min, max] = [Math.min(...values), Math.max(...values)]
  const levels = dtype === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length)
  const scale = (max - min) / (dtype === 'uint8' ? 255 : 65535)
  spec.quantization = { dtype, scale, min, original_dtype: 'float32' }
  for (const [i, value] of values.entries()) levels[i] = Math.round((value - min) / scale)
  return new Uint8Array(levels.buffer)
}

/** Bit patterns of all kinds, subnormal ones too, but no infinities. */
function randomHalves(spec: WeightSpec, length: number): Uint8Array {
  spec.quantization = { dtype: 'float16', original_dtype: 'float32' }
  const halves = Uint16Array.from({ length }, (_, i) => Math.imul(i + 1, 40503) & 0xbbff)
  return new Uint8Array(halves.buffer)
}
