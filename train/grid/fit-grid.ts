/** The training loop of the grid codec. Each training step takes a batch of tiles, each with its own quantization steps. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { psnrDb } from '../../shared/images/metrics.ts'
import { createAdam } from '../optimizer/adam.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import { purpose, Random } from '../random.ts'
import { drawSteps, gridLosses } from './losses.ts'
import { residualKlt } from './networks/linear-path.ts'
import { GridNetworks } from './networks/networks.ts'
import { RateModel } from './networks/rate-model.ts'
import type { Tiles } from './tiles.ts'

export interface GridSettings {
  steps: number
  batch: number
  learningRate: number
  warmupSteps: number
  clipNorm: number
  seed: number
}

export interface GridTrainer {
  networks: GridNetworks
  variables: tf.Variable[]
  optimizer: Optimizer
  /** One update. Returns [loss, squared error per pixel, bits per pixel], still on the device. */
  step(at: number): tf.Tensor1D
}

/** Networks that start at the KLT's quality. */
export async function gridTrainer(settings: GridSettings, tiles: Tiles, start = true): Promise<GridTrainer> {
  const { seed, clipNorm } = settings
  const networks = new GridNetworks(seed)
  if (start) networks.setLinearPath(await residualKlt(firstTiles(tiles), seed))
  const rateModel = new RateModel()
  const variables = [...networks.variables, ...rateModel.variables]
  const optimizer = await createAdam(variables, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm })
  const step = (at: number) =>
    tf.tidy(() => {
      const random = new Random(seed, purpose.noise, 0, at)
      const x = tiles.batch(settings.batch, new Random(seed, purpose.order, 0, at))
      const draws = drawSteps(settings.batch, random)
      let values: tf.Tensor1D | undefined
      const { grads } = tf.variableGrads(() => {
        const { loss, distortion, rate } = gridLosses(networks, rateModel, x, draws, random)
        values = tf.keep(tf.stack([loss, distortion, rate]) as tf.Tensor1D)
        return loss
      }, variables)
      optimizer.apply(
        variables.map((v) => grads[v.name]),
        learningRateAt(at, settings),
      )
      return values!
    })
  return { networks, variables, optimizer, step }
}

/** Cosine to zero after a linear warm-up. */
function learningRateAt(at: number, { steps, learningRate, warmupSteps }: GridSettings): number {
  return learningRate * Math.min(1, (at + 1) / warmupSteps) * (0.5 + 0.5 * Math.cos((Math.PI * at) / steps))
}

function* firstTiles(tiles: Tiles): Generator<tf.Tensor4D> {
  for (let at = 0; at < Math.min(512, tiles.count); at += 16)
    yield tiles.slice(at, Math.min(tiles.count, at + 16))
}

interface GridProgress {
  step: number
  loss: number
  psnrDb: number
  bitsPerPixel: number
  stepsPerSecond: number
}

/** Trains from training step `from` on. `report` is called at most twice a second, and returns false to stop. */
export async function fitGrid(
  trainer: GridTrainer,
  settings: GridSettings,
  report: (progress: GridProgress) => Promise<boolean> | boolean,
  from = 0,
): Promise<number> {
  let clock = performance.now()
  let last = from
  for (let at = from; at < settings.steps; at++) {
    const values = trainer.step(at)
    const due = performance.now() - clock > 500 || at + 1 === settings.steps
    if (!due) {
      values.dispose()
      continue
    }
    const [loss, distortion, bitsPerPixel] = (await values.data<'float32'>()) as unknown as [
      number,
      number,
      number,
    ]
    values.dispose()
    if (!Number.isFinite(loss))
      throw new Error(`training step ${at}: the loss is not a number; try a smaller --lr`)
    const now = performance.now()
    const stepsPerSecond = ((at + 1 - last) * 1000) / (now - clock)
    const reachedDb = psnrDb(distortion / 3)
    if (!(await report({ step: at + 1, loss, psnrDb: reachedDb, bitsPerPixel, stepsPerSecond })))
      return at + 1
    clock = performance.now()
    last = at + 1
    await nextTurn()
  }
  return settings.steps
}
