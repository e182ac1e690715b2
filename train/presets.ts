/** The settings of the shipped models, and those of runs without a preset. docs/training.md has the trials behind them. */
import { type ImageShape, sampleCount } from '../shared/manifest.ts'
import { noAugmentation } from './data/augment.ts'
import type { FamilySettings } from './networks/network-settings.ts'
import { defaultAmount } from './objectives/corruption.ts'
import type { ObjectiveName } from './objectives/losses.ts'
import type { RateDistortionSettings } from './objectives/rate-distortion.ts'
import { defaultSize, type ObjectiveSettings, partsOfBatch, type RunSettings } from './settings.ts'

const mlp = (...widths: number[]): FamilySettings => ({ family: 'mlp', widths })

/** The autoencoder of the textbook: 784-256-128-64 and back, a ReLU code, MSE, Adam at 1e-3, batches of 64. */
const textbook: RunSettings = {
  preset: 'textbook',
  seed: 1,
  from: null,
  data: { source: 'mnist', size: null, crops: 1, limit: 0, validation: 5000, augmentation: noAugmentation },
  networks: {
    encoder: mlp(256, 128),
    decoder: mlp(256, 128),
    latent: 64,
    linearPath: false,
    latentActivation: 'relu',
  },
  objective: { name: 'ae' },
  optimization: {
    epochs: 1001,
    batch: 64,
    learningRate: 1e-3,
    precision: 'float32',
    schedule: 'constant',
    warmupSteps: 0,
    clipNorm: 0,
    patience: 0,
  },
}

/**
 * Every rate from some 8 bytes up in one model. An MLP, because it trains fastest. The default level trains alone first
 * and keeps the largest share, because joint training costs it quality.
 */
const mnist: RunSettings = {
  ...textbook,
  preset: 'mnist',
  data: { ...textbook.data, augmentation: { shift: 1, edge: 'black', flip: false } },
  networks: {
    encoder: mlp(1024, 512),
    decoder: mlp(1024, 512),
    latent: 64,
    linearPath: true,
    latentActivation: 'linear',
  },
  objective: {
    name: 'rate-distortion',
    lambdas: [2.5, 5, 10, 20, 45, 100, 200, 400],
    levelShares: [1, 1, 1, 1, 2, 7, 2, 1],
    defaultLevel: 5,
    targetBytes: 31.7, // under 32, as other digits may take more than the validation images
    levelsFrom: 0.7,
    components: 3,
    roundedFrom: 0.8,
    steps: 'learned',
    distortion: 'mse',
    chromaWeight: 1,
  },
  optimization: {
    epochs: 150,
    batch: 512,
    learningRate: 2e-3,
    precision: 'bfloat16',
    schedule: 'cosine',
    warmupSteps: 300,
    clipNorm: 1,
    patience: 0,
  },
}

/**
 * A preview of any photograph in 24 bytes. The default's lambda of 18 gives some 20 bytes of payload. Networks are
 * narrow because wider ones fit CIFAR-10 but no other photographs.
 */
const photo: RunSettings = {
  ...mnist,
  preset: 'photo',
  data: { ...mnist.data, source: 'cifar10', augmentation: { shift: 2, edge: 'mirror', flip: true } },
  networks: { ...mnist.networks, encoder: mlp(320, 320), decoder: mlp(320, 320) },
  objective: {
    name: 'rate-distortion',
    lambdas: [0.8, 2, 4, 8, 18, 40, 90, 200],
    levelShares: [1, 1, 1, 2, 6, 2, 2, 1],
    defaultLevel: 4,
    targetBytes: 23.85, // nearly 24, as CIFAR-10's photographs take more than most
    levelsFrom: 0.7,
    components: 3,
    roundedFrom: 1, // never: it gains nothing here
    steps: 'learned',
    distortion: 'mse',
    chromaWeight: 1,
  },
  optimization: { ...mnist.optimization, epochs: 120 },
}

/**
 * A preview of any photograph from 8 bytes up, made to look right, with a decoder that is a table of bytes. It has no epochs:
 * it starts at the principal components, and training gained nothing for thumbnails. 96 dimensions give 0.3 dB more at 24 bytes
 * than 64 do. Levels of export, twice as many, follow from the first lambda.
 */
const preview: RunSettings = {
  ...photo,
  preset: 'preview',
  data: { ...photo.data, source: 'cifar10+../shared/photos', crops: 200 },
  networks: { ...photo.networks, encoder: mlp(), decoder: { family: 'dct', widths: null }, latent: 96 },
  objective: {
    name: 'rate-distortion',
    lambdas: [1, 2, 4, 8, 16, 32, 64, 128],
    levelShares: [1, 1, 2, 3, 4, 3, 1, 1],
    defaultLevel: 4,
    targetBytes: 0,
    levelsFrom: 0.3,
    components: 3,
    roundedFrom: 1,
    steps: 'fixed',
    distortion: 'oklab',
    chromaWeight: 4,
  },
  optimization: { ...photo.optimization, epochs: 0 },
}

export const presets = { textbook, mnist, photo, preview } satisfies Record<string, RunSettings>
export type PresetName = keyof typeof presets

/** For your own data, networks or objective, when no preset is named: small networks that train in minutes. */
export function defaultSettings(name: ObjectiveName, shape: ImageShape = defaultSize): RunSettings {
  const base = name === 'rate-distortion' ? mnist : textbook
  const objective = defaultObjective(name)
  const optimization = name === 'rate-distortion' ? mnist.optimization : small
  const family: FamilySettings = { family: 'mlp', widths: null }
  return {
    ...base,
    preset: 'none',
    networks: {
      encoder: family,
      decoder: family,
      latent: 64,
      linearPath: true,
      latentActivation: 'linear',
    },
    objective,
    optimization: { ...optimization, batch: batchFor(shape, optimization.batch, partsOfBatch(objective)) },
  }
}

/** Limits a batch of large images to 32 MB as floats. */
const batchSamples = 2 ** 23

function batchFor(shape: ImageShape, usual: number, parts: number): number {
  const fitting = Math.min(usual, Math.floor(batchSamples / sampleCount(shape)))
  return Math.max(1, Math.floor(fitting / parts)) * parts
}

const small: RunSettings['optimization'] = {
  ...textbook.optimization,
  epochs: 20,
  learningRate: 2e-3,
  schedule: 'cosine',
  warmupSteps: 100, // without it a cnn may die at the start: all ReLUs are off and the picture is black
  clipNorm: 1,
}

function defaultObjective(name: ObjectiveName): ObjectiveSettings {
  if (name === 'rate-distortion') return { name, ...defaultRates, targetBytes: 0 }
  return name === 'denoising'
    ? { name, corruption: { kind: 'gaussian', amount: defaultAmount.gaussian } }
    : { name }
}

export const defaultRates: RateDistortionSettings = mnist.objective as RateDistortionSettings
