import { readFile } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { assembleDense } from '../scripts/assemble-dense.ts'
import { planNetwork } from '../shared/executor.ts'
import { type Kernels, loadKernels } from '../shared/kernels.ts'
import { DepthToSpace } from '../shared/layers.ts'
import type { LayersFile, WeightSpec } from '../shared/manifest.ts'
import { layDown, unsupportedOps } from '../shared/network-plan.ts'
import { buildDecoder, buildEncoder, type NetworkSpec } from '../shared/networks.ts'
import { denseWasmPath, loadNodeKernels } from '../train/node-kernels.ts'
import { saveLayers } from '../train/save-layers.ts'
import { noise } from './noise.ts'
import { loadPlain, predictPlain, randomizeWeights, toLayersFile, usePlainTfjs } from './plain-tfjs.ts'

const BATCHES = [1, 16, 64]
let kernels: Kernels
let backendOnly: Kernels

beforeAll(async () => {
  await usePlainTfjs()
  kernels = await loadNodeKernels()
  backendOnly = await loadNodeKernels({ ownDense: false })
})

const digits = { height: 28, width: 28, channels: 1 } as const
const photos = { height: 32, width: 32, channels: 3 } as const
const textbook: NetworkSpec = {
  ...{ family: 'mlp', shape: digits, latent: 64, widths: [128], linearPath: false },
  ...{ latentActivation: 'relu', outputActivation: 'sigmoid', seed: 1 },
}
const linearPath: NetworkSpec = {
  ...textbook,
  widths: [96, 80],
  linearPath: true,
  outputActivation: 'linear',
}
const cnn: NetworkSpec = { ...linearPath, family: 'cnn', shape: photos, widths: [16, 24] }

const pairOf = (spec: NetworkSpec) => [buildEncoder(spec).model, buildDecoder(spec)] as const

function sequential(inputShape: number[], ...layers: tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers: [tf.layers.inputLayer({ inputShape }), ...layers] })
}

const models: Record<string, () => tf.LayersModel> = {
  'the textbook encoder': () => pairOf(textbook)[0],
  'the textbook decoder': () => pairOf(textbook)[1],
  'an encoder with a linear path': () => pairOf(linearPath)[0],
  'a decoder with a linear path': () => pairOf(linearPath)[1],
  'a convolutional encoder': () => pairOf(cnn)[0],
  'a convolutional decoder': () => pairOf({ ...cnn, linearPath: false, outputActivation: 'sigmoid' })[1],
  'strides, valid padding and PReLU': () =>
    sequential(
      [11, 14, 3],
      tf.layers.conv2d({ filters: 8, kernelSize: [3, 2], strides: [2, 1], padding: 'valid', useBias: false }),
      tf.layers.prelu({ sharedAxes: [1, 2] }),
      tf.layers.conv2d({ filters: 5, kernelSize: 5, strides: 2, padding: 'same', activation: 'sigmoid' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 7, activation: 'elu' }),
      tf.layers.prelu(),
      tf.layers.dense({ units: 9, activation: 'tanh', useBias: false }),
    ),
  'upsampling, permuting, capped ReLU and depth to space': () =>
    sequential(
      [6, 5, 8],
      tf.layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }),
      tf.layers.permute({ dims: [2, 1, 3] }),
      tf.layers.reLU({ maxValue: 0.7 }),
      new DepthToSpace({ blockSize: 2 }),
      tf.layers.upSampling2d({ size: [1, 2], interpolation: 'nearest' }),
      tf.layers.activation({ activation: 'sigmoid' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.reshape({ targetShape: [-1, 12] }),
      tf.layers.dense({ units: 3, activation: 'elu' }),
    ),
}

/** Rounded as an export rounds them, unless said otherwise. */
async function randomFile(build: () => tf.LayersModel, rounded = true): Promise<LayersFile> {
  const model = build()
  randomizeWeights(model, 7)
  return rounded ? saveLayers(model) : toLayersFile(model)
}

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

  it('runs Dense layers of rounded weights by its own kernel, which is the one that dense.wat says', async () => {
    const kernelsOf = async (rounded: boolean) =>
      layDown(await randomFile(models['the textbook encoder']!, rounded)).plan.steps.map(
        (step) => step.kernel,
      )
    expect(await kernelsOf(true)).toEqual(['dense', 'dense'])
    expect(await kernelsOf(false)).toEqual(['_FusedMatMul', '_FusedMatMul'])
    expect(await readFile(denseWasmPath)).toEqual(Buffer.from(await assembleDense()))
  })

  it('skips inputs of zero without another result: all black, one pixel, none', async () => {
    const file = await randomFile(models['the textbook encoder']!)
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
    const network = planNetwork(kernels, await randomFile(models['a convolutional decoder']!))
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
      const file = quantize(await randomFile(models['the textbook encoder']!, false), dtype)
      const plain = await loadPlain(file)
      const network = planNetwork(kernels, file)
      const input = noise(network.inputSize)
      network.input(1).set(input)
      expect(network.run(1)).toEqual(predictPlain(plain, input, 1))
      network.dispose()
    })
  }

  it('keeps two networks resident that do not disturb each other', async () => {
    const one = planNetwork(kernels, await randomFile(models['the textbook encoder']!))
    const input = noise(one.inputSize)
    one.input(1).set(input)
    const before = one.run(1).slice()
    const other = planNetwork(kernels, await randomFile(models['a convolutional encoder']!))
    other.input(64).set(noise(64 * other.inputSize))
    other.run(64)
    one.input(1).set(input)
    expect(one.run(1)).toEqual(before)
    one.dispose()
    other.dispose()
  })

  it('keeps its views right when the wasm memory grows between calls', async () => {
    const own = await loadNodeKernels()
    const network = planNetwork(own, await randomFile(models['the textbook encoder']!))
    const input = noise(network.inputSize)
    network.input(1).set(input)
    const before = network.run(1).slice()
    const heapBytes = own.held.heapBytes
    own.allocate(heapBytes)
    expect(own.held.heapBytes).toBeGreaterThan(heapBytes)
    network.input(1).set(input)
    expect(network.run(1)).toEqual(before)
  })

  it('grows the memory by what is asked for, not by a fifth of it all', async () => {
    const own = await loadNodeKernels()
    const asked = own.held.heapBytes
    own.allocate(asked)
    expect(own.held.heapBytes).toBeLessThan(2 * asked + 2 ** 18)
  })
})

describe('memory', () => {
  it('holds no more tensors or bytes after 500 requests than after the first ones', async () => {
    const network = planNetwork(kernels, await randomFile(models['a convolutional encoder']!))
    const sizes = [1, 16, 64, 3]
    for (const batch of [...sizes, ...sizes]) network.run(batch)
    const before = { ...kernels.held }
    for (let i = 0; i < 500; i++) network.run(sizes[i % 100 === 0 ? 2 : 0]!)
    expect(kernels.held).toEqual(before)
    network.dispose()
  })

  it('is all given back by dispose, after any number of batch sizes', async () => {
    const own = await loadNodeKernels()
    const file = await randomFile(models['an encoder with a linear path']!)
    for (let round = 0; round < 3; round++) {
      const network = planNetwork(own, file)
      for (let batch = 1; batch <= 20; batch++) network.run(batch)
      network.dispose()
      expect(own.held).toMatchObject({ tensors: 0, bytes: 0 })
    }
  })

  it('stays flat over 100 models loaded and dropped, the packed weights included', async () => {
    const own = await loadNodeKernels()
    const file = await randomFile(models['the textbook encoder']!)
    const heapAfter: number[] = []
    for (let i = 0; i < 100; i++) {
      planNetwork(own, file).dispose()
      heapAfter.push(own.held.heapBytes)
    }
    expect(heapAfter.at(-1)).toBe(heapAfter[10])
  })

  it('asked for beyond 4 GiB is an error, not a crash', async () => {
    const own = await loadNodeKernels()
    own.allocate(3 * 2 ** 30)
    expect(() => own.allocate(3 * 2 ** 30)).toThrow('wasm memory is full')
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
    const file = await randomFile(models['the textbook encoder']!)
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
  for (const spec of topology.weightsManifest[0]!.weights) {
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
