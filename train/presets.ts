import type { ImageShape } from '../shared/manifest.ts'
import { type Augmentation, noAugmentation } from './data/augment.ts'
import type { Family } from './networks/families.ts'
import type { Corruption } from './objectives/corruption.ts'
import type { ObjectiveName } from './objectives/objective.ts'

/** All that decides the outcome of a run beside its data; it is stored in checkpoints and records. */
export interface RunSettings {
  preset: string
  data: string // 'mnist', 'cifar10', or a folder of images
  size: ImageShape | null // a folder's images are brought to this
  limit: number // use so many of the training images; 0 for all
  validation: number // images held out of the training images
  augmentation: Augmentation

  encoder: Family
  decoder: Family
  encoderWidths: number[] | null // null: the family's own
  decoderWidths: number[] | null
  latent: number
  linearPath: boolean
  latentActivation: 'linear' | 'relu'

  objective: ObjectiveName
  corruption: Corruption | null // denoising
  lambdas: number[] // rate-distortion, coarsest level first: bits a sample per unit of MSE on [0,1] samples
  levelShares: number[] // of each batch, once all levels take part
  defaultLevel: number
  levelsFrom: number // share of the run after which the other levels join the default one
  targetBytes: number // at export the level nearest to this is tuned to it, and serves by default; 0: defaultLevel
  components: number // logistics in each prior
  roundedFrom: number // share of the run after which the decoder sees rounded latents

  epochs: number
  batch: number
  learningRate: number
  precision: 'float32' | 'bfloat16' // of matrix products, on the tensorflow backend on CPUs that have it
  schedule: 'constant' | 'cosine' // cosine: to zero at the last step, after warmupSteps
  warmupSteps: number
  clipNorm: number
  patience: number // epochs without a better validation loss before stopping; 0: never
  seed: number
}

/** The autoencoder of the textbook: 784-256-128-64 and back, a ReLU code, MSE, Adam at 1e-3, batches of 64. */
const textbook: RunSettings = {
  preset: 'textbook',
  data: 'mnist',
  size: null,
  limit: 0,
  validation: 5000,
  augmentation: noAugmentation,
  encoder: 'mlp',
  decoder: 'mlp',
  encoderWidths: [256, 128],
  decoderWidths: [256, 128],
  latent: 64,
  linearPath: false,
  latentActivation: 'relu',
  objective: 'ae',
  corruption: null,
  lambdas: [],
  levelShares: [],
  defaultLevel: 0,
  levelsFrom: 0,
  targetBytes: 0,
  components: 3,
  roundedFrom: 1,
  epochs: 1001,
  batch: 64,
  learningRate: 1e-3,
  precision: 'float32',
  schedule: 'constant',
  warmupSteps: 0,
  clipNorm: 0,
  patience: 0,
  seed: 1,
}

/**
 * Every rate from some 8 bytes up in one model. An MLP, because it trains fastest; in short trials convolutions were
 * behind it at equal epochs. The default level alone first: joint training from the start costs it 0.4 dB, joining late
 * 0.1. Its share stays the largest. In 31.7 bytes fits a level between lambda 200 and 400; a default of 300 gains 0.2 dB
 * there and loses 0.5 dB at 16 bytes.
 */
const mnist: RunSettings = {
  ...textbook,
  preset: 'mnist',
  augmentation: { shift: 1, edge: 'black', flip: false },
  encoderWidths: [1024, 512],
  decoderWidths: [1024, 512],
  linearPath: true,
  latentActivation: 'linear',
  objective: 'rate-distortion',
  lambdas: [2.5, 5, 10, 20, 45, 100, 200, 400],
  levelShares: [1, 1, 1, 1, 2, 7, 2, 1],
  defaultLevel: 5,
  targetBytes: 31.7, // of 32, with room for other digits than the validation images
  levelsFrom: 0.7,
  roundedFrom: 0.8,
  epochs: 150,
  batch: 512,
  learningRate: 2e-3,
  precision: 'bfloat16',
  schedule: 'cosine',
  warmupSteps: 300,
  clipNorm: 1,
}

/**
 * A preview of any photograph in 24 bytes. Lambda 18 comes to some 20 bytes of payload: a photograph's 64 components
 * hold so much that a larger lambda only buys bytes. Wider networks fit CIFAR-10 and no other photographs.
 */
const photo: RunSettings = {
  ...mnist,
  preset: 'photo',
  data: 'cifar10',
  augmentation: { shift: 2, edge: 'mirror', flip: true },
  encoderWidths: [320, 320],
  decoderWidths: [320, 320],
  lambdas: [0.8, 2, 4, 8, 18, 40, 90, 200],
  levelShares: [1, 1, 1, 2, 6, 2, 2, 1],
  defaultLevel: 4,
  targetBytes: 23.85, // of 24: CIFAR-10's photographs take more than most
  roundedFrom: 1, // gained nothing here
  epochs: 120,
}

export const presets: Record<string, RunSettings> = { textbook, mnist, photo }

/**
 * For data, networks or an objective of one's own, where no preset is named: small networks that train in minutes.
 */
export function defaultSettings(objective: ObjectiveName): RunSettings {
  const own = { preset: 'none', encoderWidths: null, decoderWidths: null }
  if (objective === 'rate-distortion') return { ...mnist, ...own, targetBytes: 0 }
  return {
    ...textbook,
    ...own,
    objective,
    latentActivation: 'linear',
    linearPath: true,
    epochs: 20,
    learningRate: 2e-3,
    schedule: 'cosine',
    warmupSteps: 100, // without it a cnn may die at the start: all ReLUs off, a black picture
    clipNorm: 1,
  }
}
