import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { selectBackend } from '../../../train/backends/backend.ts'
import { type Position, readCheckpoint, restoreTrainer } from '../../../train/checkpoint.ts'
import type { TrainingData } from '../../../train/data/images.ts'
import { openData } from '../../../train/data/open.ts'
import { fit, NotANumberError, unattended } from '../../../train/fit.ts'
import { prepareTraining } from '../../../train/prepare.ts'
import { presets } from '../../../train/presets.ts'
import type { OptimizationSettings, RunSettings } from '../../../train/settings.ts'

const settings: RunSettings = {
  ...presets.mnist,
  data: { ...presets.mnist.data, limit: 300, validation: 50 },
  networks: {
    encoder: { family: 'mlp', widths: [16] },
    decoder: { family: 'mlp', widths: [16] },
    latent: 8,
    linearPath: true,
    latentActivation: 'linear',
  },
  objective: {
    name: 'rate-distortion',
    lambdas: [30, 120],
    levelShares: [1, 1],
    defaultLevel: 1,
    levelsFrom: 0.5,
    targetBytes: 0,
    components: 3,
    roundedFrom: 0.8,
    steps: 'learned',
    distortion: 'mse',
    chromaWeight: 1,
  },
  optimization: { ...presets.mnist.optimization, epochs: 2, batch: 32, warmupSteps: 4 },
}
const optimizedBy = (changes: Partial<OptimizationSettings>): RunSettings => ({
  ...settings,
  optimization: { ...settings.optimization, ...changes },
})
const folder = mkdtempSync(join(tmpdir(), 'latent64-train-'))
let data: TrainingData

beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {}) // progress
  await selectBackend('wasm')
  data = await openData(settings)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs, or continues from `out`'s checkpoint; `stopAfter` steps of this sitting. */
async function sitting(
  run: RunSettings,
  out: string,
  { resume = false, stopAfter = Infinity, onStep = () => {} } = {},
) {
  const training = await prepareTraining(run, data)
  const { trainer } = training
  let position: Position | undefined
  if (resume) {
    const checkpoint = readCheckpoint(join(out, 'checkpoint.bin'))
    restoreTrainer(trainer, checkpoint)
    position = checkpoint.position
  }
  const controller = new AbortController()
  let steps = 0
  const counted = {
    ...trainer,
    step: (...args: Parameters<typeof trainer.step>) => {
      onStep()
      if (++steps >= stopAfter) controller.abort()
      return trainer.step(...args)
    },
  }
  const rest = { ...unattended(), signal: controller.signal }
  await fit({ ...training, trainer: counted, backend: 'wasm', out, ...rest }, position)
  return trainer.variables.flatMap((v) => Array.from(v.dataSync()))
}

test('the same seed gives the same weights bit for bit, and another seed other weights', async () => {
  const first = await sitting(settings, join(folder, 'a'))
  expect(await sitting(settings, join(folder, 'b'))).toEqual(first)
  expect(await sitting({ ...settings, seed: 2 }, join(folder, 'c'))).not.toEqual(first)
})

test('a run stopped in the middle of an epoch and resumed ends with the weights of an uninterrupted run', async () => {
  const unbroken = await sitting(settings, join(folder, 'd'))
  for (const stopAfter of [1, 9, 13]) {
    const out = join(folder, `stopped-${stopAfter}`)
    expect(await sitting(settings, out, { stopAfter })).not.toEqual(unbroken)
    expect(await sitting(settings, out, { resume: true })).toEqual(unbroken)
  }
})

test('a loss that is not a number stops the run and leaves the last good checkpoint', async () => {
  const out = join(folder, 'nan')
  await sitting(settings, out, { stopAfter: 3 })
  const good = readFileSync(join(out, 'checkpoint.bin'))
  const hot = optimizedBy({ learningRate: 1e30, clipNorm: 0 })
  await expect(sitting(hot, out, { resume: true })).rejects.toThrow(NotANumberError)
  expect(readFileSync(join(out, 'checkpoint.bin'))).toEqual(good)
  expect(readdirSync(out)).toEqual(['checkpoint.bin'])
})

test('early stopping ends a run that no longer improves, and keeps the best weights', async () => {
  const out = join(folder, 'early')
  await sitting(optimizedBy({ epochs: 50, patience: 1, learningRate: 0.5, schedule: 'constant' }), out)
  const { position } = readCheckpoint(join(out, 'checkpoint.bin'))
  expect(position.epoch).toBeLessThan(50)
  expect(readCheckpoint(join(out, 'best.bin')).position.best).toEqual(position.best)
})

test('a checkpoint of other networks, a missing one and a damaged one are refused with a reason', async () => {
  const out = join(folder, 'other')
  await sitting(settings, out, { stopAfter: 1 })
  const wider = { ...settings, networks: { ...settings.networks, latent: 9 } }
  await expect(sitting(wider, out, { resume: true })).rejects.toThrow('other networks')
  expect(() => readCheckpoint(join(folder, 'none.bin'))).toThrow('nothing to resume')

  const whole = readFileSync(join(out, 'checkpoint.bin'))
  const file = join(folder, 'damaged.bin')
  const headerEnd = 4 + whole.readUInt32LE(0)
  for (const [bytes, reason] of [
    [whole.subarray(0, 2), 'it ends within its header'],
    [whole.subarray(0, headerEnd - 1), 'it ends within its header'],
    [whole.subarray(0, whole.length - 5), /expected \d+ bytes of weights, got \d+/],
    [Buffer.concat([whole, whole.subarray(0, 4)]), /expected \d+ bytes of weights, got \d+/],
    [Buffer.concat([whole.subarray(0, 5), Buffer.alloc(whole.length)]), 'its header is not JSON'],
  ] as const) {
    writeFileSync(file, bytes)
    expect(() => readCheckpoint(file)).toThrow('is damaged or no checkpoint')
    expect(() => readCheckpoint(file)).toThrow(reason)
  }
})

test('training leaks no tensors', async () => {
  const counts: number[] = []
  await sitting(settings, join(folder, 'leak'), { onStep: () => counts.push(tf.memory().numTensors) })
  expect(counts.at(-1)! - counts[2]).toBeLessThanOrEqual(0)
})
