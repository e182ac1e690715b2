import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { unsupportedOps } from '../../../shared/network/network-plan.ts'
import { selectBackend } from '../../../train/backends/backend.ts'
import { type ImageSet, subset } from '../../../train/data/images.ts'
import { mnist } from '../../../train/data/mnist.ts'
import { saveLayers } from '../../../train/export/save-layers.ts'
import {
  buildDecoder,
  buildEncoder,
  type Family,
  families,
  type NetworkSpec,
} from '../../../train/networks/families.ts'
import { principalComponents } from '../../../train/networks/pca.ts'
import { type ObjectiveName, objectiveNames, type StepInputs } from '../../../train/objectives/losses.ts'
import { createObjective } from '../../../train/objectives/objective.ts'
import { startNetworks } from '../../../train/prepare.ts'
import { defaultSettings } from '../../../train/presets.ts'
import type { RunSettings } from '../../../train/settings.ts'
import { autodiffTrainer } from '../../../train/step.ts'
import { validate } from '../../../train/validate.ts'

const shape = { height: 8, width: 8, channels: 1 as const }
const widths: Record<Family, number[]> = { mlp: [16], cnn: [4, 8], rnn: [8], lstm: [8], gru: [8] }
let digits: ImageSet // cut to 8x8, so that the recurrent families take a moment

beforeAll(async () => {
  await selectBackend('wasm')
  const some = subset(
    mnist('train'),
    Array.from({ length: 64 }, (_, i) => i),
  )
  const samples = new Uint8Array(64 * 64)
  for (let i = 0; i < samples.length; i++) {
    const [image, y, x] = [i >> 6, (i >> 3) & 7, i & 7]
    samples[i] = some.samples[image * 784 + (6 + 2 * y) * 28 + 6 + 2 * x]
  }
  digits = { shape, count: 64, samples }
})

const clean = { corruption: null, seed: 1 }

async function train(settings: RunSettings, steps: number) {
  const networks = await startNetworks(settings, digits)
  const objective = await createObjective(settings.objective, networks, digits, settings.seed)
  const trainer = await autodiffTrainer(networks, objective, 1)
  const clean = tf.tensor2d(
    Float32Array.from(digits.samples, (s) => s / 255),
    [64, 64],
  )
  const noise = tf.randomUniform<tf.Rank.R2>([64, settings.networks.latent], -0.5, 0.5, 'float32', 1)
  const inputs: StepInputs = { clean, input: clean, noise, progress: 1 }
  const losses: number[] = []
  const before = trainer.variables.map((v) => Array.from(v.dataSync()))
  for (let i = 0; i < steps; i++) losses.push(trainer.step(inputs, 5e-3).dataSync()[0])
  const still = trainer.variables.filter((v, i) => v.dataSync().every((value, j) => value === before[i][j]))
  return { networks, objective, losses, still: still.map(({ name }) => name) }
}

function settingsOf(encoder: Family, decoder: Family, name: ObjectiveName, linearPath = true): RunSettings {
  const settings = defaultSettings(name)
  const family = (own: Family) => ({ family: own, widths: widths[own] })
  const networks = { encoder: family(encoder), decoder: family(decoder), latent: 6, linearPath }
  return {
    ...settings,
    networks: { ...settings.networks, ...networks },
    optimization: { ...settings.optimization, batch: 64 },
  }
}

/** Three levels, all from the start. */
const rates = (lambdas: number[]): RunSettings['objective'] => ({
  ...{ name: 'rate-distortion', lambdas, levelShares: [1, 2, 1], defaultLevel: 1 },
  ...{
    levelsFrom: 0,
    targetBytes: 0,
    components: 3,
    roundedFrom: 0.8,
    steps: 'learned',
    distortion: 'mse',
    chromaWeight: 1,
  },
})

test.each(families.map((family, i) => [family, families[(i + 1) % families.length]]))(
  'a %s encoder learns with its own and with a %s decoder, every weight of both',
  async (encoder, other) => {
    for (const decoder of [encoder, other]) {
      const { losses, still } = await train(settingsOf(encoder, decoder, 'ae', false), 16)
      expect(still).toEqual([])
      expect(losses.at(-1)).toBeLessThan(losses[0] * 0.95)
    }
  },
  60_000,
)

test.each(objectiveNames)(
  'objective %s lowers its own loss',
  async (name) => {
    const settings = settingsOf('mlp', 'mlp', name)
    const objective = name === 'rate-distortion' ? rates([30, 100, 300]) : settings.objective
    const { losses, still } = await train({ ...settings, objective }, 20)
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(losses.at(-1)).toBeLessThan(losses[0])
    expect(still).toEqual([])
  },
  60_000,
)

test('every family saves as layers, and what the edge cannot run is named', async () => {
  for (const family of families) {
    const spec: NetworkSpec = { ...specOf(family), linearPath: false, outputActivation: 'sigmoid' }
    const files = [await saveLayers(buildEncoder(spec).model), await saveLayers(buildDecoder(spec))]
    const missing = files.flatMap(({ topology }) => unsupportedOps(topology)).join()
    if (family === 'mlp' || family === 'cnn') expect(missing).toBe('')
    else expect(missing).toMatch({ rnn: /SimpleRNN/, lstm: /LSTM/, gru: /GRU/ }[family])
  }
})

test('with the linear path training starts at the quality of PCA', async () => {
  for (const family of ['mlp', 'cnn', 'gru'] as const) {
    const settings = settingsOf(family, family, 'ae')
    const networks = await startNetworks(settings, digits)
    const objective = await createObjective(settings.objective, networks, digits, 1)
    const { mse } = await validate(objective.validationLosses, digits, clean)
    expect(mse).toBeCloseTo(await pcaMse(), 5)
  }
})

test('coarser levels have larger steps, spend fewer bits and err more', async () => {
  const settings = { ...settingsOf('mlp', 'mlp', 'rate-distortion'), objective: rates([10, 100, 1000]) }
  const { objective } = await train(settings, 10)
  if (objective.name !== 'rate-distortion') throw new Error(objective.name)
  const steps = await objective.levelSteps()
  const means = steps.map((ofLevel) => ofLevel.reduce((a, b) => a + b) / ofLevel.length)
  expect(means).toEqual([...means].sort((a, b) => b - a))
  const levels = []
  for (const level of [0, 1, 2])
    levels.push(await validate((x) => objective.levelLosses(x, level), digits, clean))
  expect(levels.map(({ rateBits }) => rateBits)).toEqual(
    levels.map(({ rateBits }) => rateBits).sort((a, b) => a - b),
  )
  expect(levels.map(({ mse }) => mse)).toEqual(levels.map(({ mse }) => mse).sort((a, b) => b - a))
})

test('a cnn refuses a size that its halvings do not divide', () => {
  const odd = { ...specOf('cnn'), shape: { height: 10, width: 8, channels: 1 as const } }
  expect(() => buildEncoder(odd)).toThrow('divisible by 4, got 10x8')
})

function specOf(family: Family): NetworkSpec {
  return {
    family,
    shape,
    latent: 6,
    widths: widths[family],
    linearPath: true,
    latentActivation: 'linear',
    outputActivation: 'linear',
    seed: 1,
  }
}

/** The mean squared error of projecting on the principal components, in double precision. */
async function pcaMse(): Promise<number> {
  const { mean, basis } = await principalComponents(digits, 6, 1)
  let sum = 0
  for (let n = 0; n < digits.count; n++) {
    const x = Array.from({ length: 64 }, (_, p) => digits.samples[n * 64 + p] / 255 - mean[p])
    const y = Array.from({ length: 6 }, (_, k) => x.reduce((total, v, p) => total + v * basis[p * 6 + k], 0))
    for (let p = 0; p < 64; p++)
      sum += (x[p] - y.reduce((total, v, k) => total + v * basis[p * 6 + k], 0)) ** 2
  }
  return sum / digits.count / 64
}
