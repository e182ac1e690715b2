/**
 * The textbook autoencoder's networks alone, in Node, which has workerd's V8 and a clock that runs: the planned
 * executor against plain tfjs, onnxruntime-web, and the limit, dense layers written by hand.
 */
import * as tf from '@tensorflow/tfjs'
import { median } from '../../evaluate/median.ts'
import { loadNodeKernels } from '../../node/node-kernels.ts'
import { loadPlain, randomizeWeights, usePlainTfjs } from '../../node/tensorflow/plain-tfjs.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { planNetwork } from '../../shared/network/executor.ts'
import { fromSamples } from '../../shared/network/kernels/float-samples.ts'
import { saveLayers } from '../../train/export/save-layers.ts'
import { buildDecoder, buildEncoder, type NetworkSpec } from '../../train/networks/families.ts'
import { benchImages } from '../edge/inputs.ts'
import type { Contender } from './contender.ts'
import { type DenseLayer, handwrittenNetwork } from './handwritten-dense.ts'
import { loadOnnxRuntime, type OnnxRuntime, onnxContender } from './onnx-contender.ts'

export const NETWORK_BATCHES = [1, 16, 64]
const ROUNDS = 15
const ROUND_US = 30_000

export interface NetworkSpeed {
  network: 'encoder' | 'decoder'
  /** Digits are mostly black, and the executor skips zeros; noise has next to none. */
  input: 'digits' | 'noise'
  batch: number
  macs: number
  /** CPU microseconds per image: medians over rounds in which all take turns. */
  usPerImage: { executor: number; handwritten: number; tfjs: number; onnxruntime?: number }
  gigaMacsPerSecond: number
}

type Contenders = Record<'executor' | 'handwritten' | 'tfjs', Contender> & { onnxruntime?: Contender }

/** The decoder's sigmoid is left out for all, as the hand-written kernel has none. */
const textbook: NetworkSpec = {
  ...{ family: 'mlp', shape: { height: 28, width: 28, channels: 1 }, latent: 64, widths: [256, 128] },
  ...{ linearPath: false, latentActivation: 'relu', outputActivation: 'linear', seed: 1 },
}

export async function networkSpeeds(): Promise<NetworkSpeed[]> {
  await usePlainTfjs()
  const onnx = await loadOnnxRuntime()
  const models = { encoder: buildEncoder(textbook).model, decoder: buildDecoder(textbook) }
  const speeds: NetworkSpeed[] = []
  for (const [network, model] of Object.entries(models) as ['encoder' | 'decoder', tf.LayersModel][]) {
    randomizeWeights(model, 1)
    for (const input of network === 'encoder' ? (['noise', 'digits'] as const) : (['noise'] as const))
      for (const batch of NETWORK_BATCHES) speeds.push(await compare(network, model, input, batch, onnx))
  }
  return speeds
}

async function compare(
  network: 'encoder' | 'decoder',
  model: tf.LayersModel,
  kind: NetworkSpeed['input'],
  batch: number,
  onnx: OnnxRuntime | undefined,
): Promise<NetworkSpeed> {
  const file = await saveLayers(model)
  const plain = await loadPlain(file) // with the weights as they were rounded
  const plan = planNetwork(await loadNodeKernels(), file)
  const input = kind === 'digits' ? await someDigits(batch) : someNoise(batch * plan.inputSize)
  plan.input(batch).set(input)
  const layers = denseLayers(plain)
  const byHand = await handwrittenNetwork(layers, batch)
  byHand.input.set(input)
  const contenders: Contenders = {
    executor: { run: () => plan.run(batch), read: () => plan.run(batch) },
    handwritten: { run: byHand.run, read: () => byHand.output },
    tfjs: await plainContender(plain, input, batch),
    ...(onnx && { onnxruntime: await onnxContender(onnx, layers, input, batch) }),
  }
  await verify(contenders)
  const usPerImage = await time(contenders, batch)
  plan.dispose()
  return {
    network,
    input: kind,
    batch,
    macs: plan.macs,
    usPerImage,
    gigaMacsPerSecond: plan.macs / usPerImage.executor / 1000,
  }
}

const someNoise = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / 255)

/** [batch, 784] */
async function someDigits(batch: number): Promise<Float32Array> {
  const digits = (await benchImages(textbook.shape)).slice(0, batch)
  const x = new Float32Array(batch * sampleCount(textbook.shape))
  for (const [i, digit] of digits.entries()) fromSamples(digit, x, i * digit.length)
  return x
}

function denseLayers(model: tf.LayersModel): DenseLayer[] {
  return model.layers.slice(1).map((layer) => {
    const [kernel, bias] = layer.getWeights() as [tf.Tensor, tf.Tensor]
    const [inputs, outputs] = kernel.shape as [number, number]
    const relu = layer.getConfig().activation === 'relu'
    return { kernel: kernel.dataSync<'float32'>(), bias: bias.dataSync<'float32'>(), inputs, outputs, relu }
  })
}

/** As a service would use it: a tensor in, predict, the values out. */
async function plainContender(model: tf.LayersModel, input: Float32Array, batch: number): Promise<Contender> {
  let output = new Float32Array()
  const run = () => {
    const x = tf.tensor2d(input, [batch, input.length / batch])
    const y = model.predict(x) as tf.Tensor
    output = y.dataSync<'float32'>() as Float32Array<ArrayBuffer>
    tf.dispose([x, y])
  }
  return { run, read: () => output }
}

/** Verified before anything is timed. */
async function verify(contenders: Contenders): Promise<void> {
  for (const { run } of Object.values(contenders)) await run()
  const expected = contenders.tfjs.read()
  for (const [name, contender] of Object.entries(contenders)) {
    const got = contender.read()
    const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i])), 0)
    if (got.length !== expected.length || !(worst < 1e-3)) throw new Error(`${name} is off by ${worst}`)
  }
}

async function time(contenders: Contenders, batch: number): Promise<NetworkSpeed['usPerImage']> {
  const all = Object.entries(contenders) as [keyof Contenders, Contender][]
  const samples = new Map<string, number[]>(all.map(([name]) => [name, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, contender] of all) samples.get(name)!.push((await timeOne(contender)) / batch)
  const medians = all.map(([name]) => [name, median(samples.get(name)!)])
  return Object.fromEntries(medians) as NetworkSpeed['usPerImage']
}

/** Microseconds of CPU per run. Wall-clock time would include other processes. */
export async function timeOne({ run }: Pick<Contender, 'run'>): Promise<number> {
  const start = process.cpuUsage()
  let runs = 0
  let elapsedUs = 0
  while (elapsedUs < ROUND_US) {
    for (let i = 0; i < 10; i++) {
      const pending = run()
      if (pending instanceof Promise) await pending
    }
    runs += 10
    const { user, system } = process.cpuUsage(start)
    elapsedUs = user + system
  }
  return elapsedUs / runs
}
