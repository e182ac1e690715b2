import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Validation } from '../validate.ts'
import { EventFile } from './tensorboard.ts'

export interface TrainingMetrics {
  step: number
  epoch: number
  seconds: number
  loss: number
  psnrDb: number
  rateBits: number
  imagesPerSecond: number
  learningRate: number
}

export interface EpochMetrics {
  epoch: number
  seconds: number
  validation: Validation
}

export interface Metrics {
  training(metrics: TrainingMetrics): void
  epoch(metrics: EpochMetrics): void
}

/**
 * metrics.jsonl: one line about once a second of training, one after each epoch; the same as TensorBoard events. A
 * new run in a directory replaces both, a resumed one continues them.
 */
export function metricsFile(out: string, resumed: boolean): Metrics {
  mkdirSync(out, { recursive: true })
  const file = join(out, 'metrics.jsonl')
  if (!resumed) {
    for (const name of readdirSync(out)) if (name.startsWith('events.out.tfevents.')) rmSync(join(out, name))
    rmSync(file, { force: true })
  }
  const events = new EventFile(out)
  let lastStep = 0
  const write = (kind: string, values: object) =>
    appendFileSync(file, `${JSON.stringify({ kind, ...values })}\n`)
  return {
    training(metrics) {
      write('training', metrics)
      lastStep = metrics.step
      const { loss, psnrDb, rateBits, learningRate, imagesPerSecond } = metrics
      events.scalars(lastStep, { loss, psnrDb, rateBits, learningRate, imagesPerSecond })
    },
    epoch(metrics) {
      write('epoch', metrics)
      const { loss, psnrDb, rateBits } = metrics.validation
      events.scalars(lastStep, {
        'validation/loss': loss,
        'validation/psnrDb': psnrDb,
        'validation/rateBits': rateBits,
      })
    },
  }
}
