import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { sampleCount } from '../shared/manifest.ts'
import { type Batch, epochBatches, stepsPerEpoch } from './batches.ts'
import { type Position, writeCheckpoint } from './checkpoint.ts'
import type { Objective } from './objectives/objective.ts'
import type { Training } from './prepare.ts'
import type { RunSettings } from './presets.ts'
import { purpose, Random } from './random.ts'
import { Progress } from './report/progress.ts'
import type { Metrics } from './report/record.ts'
import { psnr, type Validation, validate } from './validate.ts'

export interface Fit extends Training {
  backend: string
  out: string // for checkpoints
  checkpointMinutes: number
  metrics: Metrics
  /** Asks for a stop after the current step: Ctrl-C, SIGTERM. */
  stop: { requested: string | null }
}

/** The rest of a Fit for a bench or a comparison: nothing is recorded, nobody stops it. */
export function unattended(): Pick<Fit, 'checkpointMinutes' | 'metrics' | 'stop'> {
  return { checkpointMinutes: 60, metrics: { training() {}, epoch() {} }, stop: { requested: null } }
}

export interface FitResult {
  position: Position
  validation: Validation
  stoppedBy: string | null
}

export class NotANumberError extends Error {
  override name = 'NotANumberError'
}

/** Trains from `position`, the start if none is given, to the last epoch. */
export async function fit(
  run: Fit,
  position: Position = { epoch: 0, step: 0, seconds: 0, best: null },
): Promise<FitResult> {
  const { settings, data, trainer, objective, stop } = run
  const { seed, batch, epochs, corruption } = settings
  const steps = stepsPerEpoch(data.training, batch)
  const progress = new Progress(epochs * steps, position.epoch * steps + position.step, epochs)
  const sums = runningSums()
  let clock = performance.now()
  let saved = clock
  let read = clock
  let validation = await validate(objective, data.validation, settings)
  if (position.epoch === 0 && position.step === 0) run.metrics.epoch({ epoch: 0, seconds: 0, validation })

  const save = (name: string) =>
    writeCheckpoint(join(run.out, name), trainer, settings, run.backend, { ...position })

  for (; position.epoch < epochs && !stop.requested; position.epoch++, position.step = 0) {
    const { epoch } = position
    for await (const item of epochBatches(data.training, batch, corruption, seed, epoch, position.step)) {
      const done = epoch * steps + item.step
      sums.add(trainStep(run, item, epoch, done, epochs * steps))
      position.step = item.step + 1

      const now = performance.now()
      if (now - read > 1000 || position.step === steps) {
        const mean = await sums.read()
        if (!mean.loss.every(Number.isFinite)) throw notANumber(run, epoch, item.step)
        position.seconds += (performance.now() - clock) / 1000
        clock = read = performance.now()
        const [loss, mse, rateBits] = mean.loss as [number, number, number]
        const values = {
          epoch: epoch + 1,
          loss,
          psnrDb: psnr(mse),
          imagesPerSecond: (mean.steps * batch) / mean.seconds,
        }
        progress.update(done + 1, values)
        run.metrics.training({
          step: done + 1,
          seconds: position.seconds,
          rateBits,
          ...values,
          learningRate: learningRateAt(settings, done, epochs * steps),
        })
        if (now - saved > run.checkpointMinutes * 60_000 || stop.requested) {
          await save('checkpoint.bin')
          saved = now
        }
        await nextTurn() // signals are heard here
      }
      if (stop.requested) break
    }
    if (position.step < steps) break

    validation = await validate(objective, data.validation, settings)
    position.seconds += (performance.now() - clock) / 1000
    clock = performance.now()
    run.metrics.epoch({ epoch: epoch + 1, seconds: position.seconds, validation })
    progress.say(describeEpoch(epoch + 1, position.seconds, validation))
    if (position.best === null || validation.loss < position.best.loss) {
      position.best = { epoch: epoch + 1, loss: validation.loss }
      if (settings.patience) await save('best.bin')
    } else if (settings.patience && epoch + 1 - position.best.epoch >= settings.patience) {
      stop.requested = `no better validation loss for ${settings.patience} epochs`
    }
  }
  progress.stop()
  await save('checkpoint.bin')
  return { position, validation, stoppedBy: stop.requested }
}

function trainStep(run: Fit, item: Batch, epoch: number, done: number, total: number): tf.Tensor1D {
  const { settings, data, trainer, objective } = run
  const shape: [number, number] = [settings.batch, sampleCount(data.training.shape)]
  const clean = tf.tensor2d(item.clean, shape)
  const input = item.input === item.clean ? clean : tf.tensor2d(item.input, shape)
  const noise = noiseOf(objective.noise, settings, epoch, item.step)
  const losses = trainer.step(
    { clean, input, noise, progress: done / total },
    learningRateAt(settings, done, total),
  )
  tf.dispose([clean, input, noise])
  return losses
}

function noiseOf(
  kind: Objective['noise'],
  { seed, batch, latent }: RunSettings,
  epoch: number,
  step: number,
) {
  if (kind === 'none') return tf.zeros([1, 1]) as tf.Tensor2D
  const random = new Random(seed, purpose.noise, epoch, step)
  const draw = kind === 'uniform' ? () => random.uniform() - 0.5 : () => random.normal()
  return tf.tensor2d(Float32Array.from({ length: batch * latent }, draw), [batch, latent])
}

export function learningRateAt(
  { learningRate, schedule, warmupSteps }: RunSettings,
  step: number,
  total: number,
): number {
  if (schedule === 'constant') return learningRate
  return (
    learningRate *
    Math.min(1, (step + 1) / Math.max(1, warmupSteps)) *
    0.5 *
    (1 + Math.cos((Math.PI * step) / total))
  )
}

/** Losses are summed on the device and read about once a second: a read each step would wait for the step. */
function runningSums() {
  let sum = tf.zeros([3]) as tf.Tensor1D
  let steps = 0
  let since = performance.now()
  return {
    add(values: tf.Tensor1D) {
      const next = tf.add(sum, values) as tf.Tensor1D
      tf.dispose([sum, values])
      sum = next
      steps++
    },
    async read() {
      const loss = Array.from(await sum.data(), (v) => v / steps)
      const result = { loss, steps, seconds: (performance.now() - since) / 1000 }
      sum.dispose()
      sum = tf.zeros([3])
      steps = 0
      since = performance.now()
      return result
    },
  }
}

function notANumber({ out, settings }: Fit, epoch: number, step: number): NotANumberError {
  const file = join(out, 'checkpoint.bin')
  const left = existsSync(file) ? `The last good state is ${file}` : 'No checkpoint had been written'
  return new NotANumberError(
    `the loss is not a number any more (epoch ${epoch + 1}, step ${step + 1}). ${left}; ` +
      `start again with a lower --lr than ${settings.learningRate}.`,
  )
}

function describeEpoch(epoch: number, seconds: number, { loss, psnrDb, rateBits }: Validation): string {
  const rate = rateBits ? `, ${(rateBits / 8).toFixed(2)} bytes` : ''
  return `epoch ${epoch}, ${seconds.toFixed(0)} s: validation loss ${loss.toPrecision(5)}, ${psnrDb.toFixed(2)} dB${rate}`
}
