import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { psnrDb } from '../shared/images/metrics.ts'
import { epochBatches, stepsPerEpoch } from './batches.ts'
import { type Position, writeCheckpoint } from './checkpoint.ts'
import type { Training } from './prepare.ts'
import type { Metrics } from './report/metrics.ts'
import type { TrainingProgress } from './report/progress.ts'
import type { Ending } from './report/training-record.ts'
import { RunningMean } from './running-mean.ts'
import { corruptionOf } from './settings.ts'
import { inputsOf, learningRateAt } from './step.ts'
import { type Validation, validate } from './validate.ts'

interface Fit extends Training {
  backend: string
  out: string // for checkpoints
  checkpointMinutes: number
  metrics: Metrics
  progress: TrainingProgress
  /** Requests a stop after the current step (Ctrl-C, SIGTERM). */
  signal: AbortSignal
}

/** The rest of a Fit for a bench or a comparison: nothing is recorded or shown, and nothing stops it. */
export function unattended(): Pick<Fit, 'checkpointMinutes' | 'metrics' | 'progress' | 'signal'> {
  return {
    checkpointMinutes: 60,
    metrics: { training() {}, epoch() {} },
    progress: { step() {}, epoch() {}, stop() {} },
    signal: new AbortController().signal,
  }
}

export interface FitResult {
  position: Position
  validation: Validation
  ending: Ending
}

export class NotANumberError extends Error {
  override name = 'NotANumberError'
}

/** Trains from `position`, by default the start, to the last epoch. */
export async function fit(
  run: Fit,
  position: Position = { epoch: 0, step: 0, seconds: 0, best: null },
): Promise<FitResult> {
  const { epochs, patience } = run.settings.optimization
  const secondsBefore = position.seconds
  const startedMs = performance.now()
  const seconds = () => secondsBefore + (performance.now() - startedMs) / 1000

  let validation = await validateModel(run)
  if (position.epoch === 0 && position.step === 0) {
    run.metrics.epoch({ epoch: 0, seconds: 0, validation })
    position.best = { epoch: 0, loss: validation.loss }
    if (patience) await save(run, 'best.bin', position)
  }
  /** `at`: when the last one was written, in seconds. Epochs may be shorter than the time between checkpoints. */
  const checkpoint = { at: seconds() }
  let ending: Ending = 'complete'
  while (position.epoch < epochs && ending === 'complete') {
    await trainEpoch(run, position, seconds, checkpoint)
    if (run.signal.aborted) {
      ending = 'interrupted'
      break
    }
    position.epoch++
    position.step = 0
    const beforeValidation = seconds()
    validation = await validateModel(run)
    position.seconds = seconds()
    run.metrics.epoch({ epoch: position.epoch, seconds: position.seconds, validation })
    run.progress.epoch(position.epoch, validation, position.seconds - beforeValidation)
    if (!position.best || validation.loss < position.best.loss) {
      position.best = { epoch: position.epoch, loss: validation.loss }
      if (patience) await save(run, 'best.bin', position)
    } else if (patience && position.epoch - position.best.epoch >= patience) ending = 'no better'
  }
  run.progress.stop()
  await save(run, 'checkpoint.bin', position)
  return { position, validation, ending }
}

/**
 * Trains from the position to the end of its epoch, or until a stop is requested. Losses are read about once a second,
 * as each read waits for the device. Metrics, checkpoints and stop requests are only handled then.
 */
async function trainEpoch(
  run: Fit,
  position: Position,
  seconds: () => number,
  checkpoint: { at: number },
): Promise<void> {
  const { settings, data, trainer, objective } = run
  const { epochs, batch } = settings.optimization
  const { epoch } = position
  const steps = stepsPerEpoch(data.training, batch)
  const mean = new RunningMean()
  let readAt = seconds()
  for await (const item of epochBatches(data.training, settings, epoch, position.step)) {
    const done = epoch * steps + item.step
    const learningRate = learningRateAt(settings.optimization, done, epochs * steps)
    const inputs = inputsOf(item, objective.noise, settings, epoch, done / (epochs * steps))
    mean.add(trainer.step(inputs, learningRate))
    inputs.dispose()
    position.step = item.step + 1
    if (seconds() - readAt < 1 && position.step < steps && !run.signal.aborted) continue

    const { values, count } = await mean.read()
    if (!values.every(Number.isFinite)) throw notANumber(run, epoch, item.step)
    const [loss, mse, rateBits] = values
    position.seconds = seconds()
    const imagesPerSecond = (count * batch) / (position.seconds - readAt)
    readAt = position.seconds
    const metrics = { step: done + 1, epoch: epoch + 1, loss, psnrDb: psnrDb(mse), imagesPerSecond }
    run.progress.step(metrics)
    run.metrics.training({ ...metrics, seconds: position.seconds, rateBits, learningRate })
    if (seconds() - checkpoint.at > run.checkpointMinutes * 60) {
      await save(run, 'checkpoint.bin', position)
      checkpoint.at = seconds()
    }
    await nextTurn()
    if (run.signal.aborted) return
  }
}

function validateModel({ objective, data, settings }: Fit): Promise<Validation> {
  const { objective: objectiveSettings, seed } = settings
  return validate(objective.validationLosses, data.validation, {
    corruption: corruptionOf(objectiveSettings),
    seed,
  })
}

function save({ out, trainer, settings, backend }: Fit, name: string, position: Position): Promise<void> {
  return writeCheckpoint(join(out, name), trainer, { settings, backend, position })
}

function notANumber({ out, settings }: Fit, epoch: number, step: number): NotANumberError {
  const file = join(out, 'checkpoint.bin')
  const left = existsSync(file) ? `The last good state is ${file}` : 'No checkpoint had been written'
  return new NotANumberError(
    `the loss is no longer a number (epoch ${epoch + 1}, step ${step + 1}). ${left}; ` +
      `start again with a lower --lr than ${settings.optimization.learningRate}.`,
  )
}
