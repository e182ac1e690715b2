import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Validation } from './validate.ts'

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

/** metrics.jsonl: one line about once a second of training, one after each epoch. */
export function metricsFile(out: string): Metrics {
  mkdirSync(out, { recursive: true })
  const file = join(out, 'metrics.jsonl')
  const write = (kind: string, values: object) =>
    appendFileSync(file, `${JSON.stringify({ kind, ...values })}\n`)
  return {
    training: (metrics) => write('training', metrics),
    epoch: (metrics) => write('epoch', metrics),
  }
}
