/**
 * Compares one model for every rate with models trained for a single rate: how far its curve lies below their points.
 *
 *     node evaluate/curves/every-rate.ts runs/rates/all runs/rates/lambda-10 runs/rates/lambda-45 ...
 *
 * The first directory is the model of all rates. The figures are those in the records, for the validation images: bytes
 * under the learned prior, without container and tables, which would be the same for all.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeJson } from '../../node/atomic-write.ts'
import type { TrainedLevel, TrainingRecord } from '../../train/report/training-record.ts'
import { rounded } from '../rounded.ts'
import { psnrAtBytes } from './bd-rate.ts'

export interface EveryRate {
  preset: string
  widths: number[]
  epochs: number
  all: TrainedLevel[]
  /** behindDb: the PSNR of a model trained for this rate alone minus that of the model of all rates, at equal bytes. */
  single: (TrainedLevel & { behindDb: number })[]
}

const readRecord = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'record.json'), 'utf8')) as TrainingRecord & {
    rateLevels: TrainedLevel[]
  }

function compareRates([all, ...single]: ReturnType<typeof readRecord>[]): EveryRate {
  if (!all || single.length === 0)
    throw new Error('expected the directory of a model of all rates, then those of models of one rate each')
  const curve = all.rateLevels.map(({ idealBytes, psnrDb }) => ({ bytes: idealBytes, psnrDb }))
  return {
    preset: all.settings.preset,
    widths: all.settings.networks.encoder.widths ?? [],
    epochs: all.epochs,
    all: all.rateLevels,
    single: single.map(({ rateLevels: [level], epochs }) => {
      if (epochs !== all.epochs)
        throw new Error(`${epochs} epochs against ${all.epochs}: not an equal budget`)
      const own = psnrAtBytes(curve, level!.idealBytes)
      if (own === undefined) throw new Error(`${level!.idealBytes} bytes lie outside the curve`)
      return { ...level!, behindDb: level!.psnrDb - own }
    }),
  }
}

const result = compareRates(process.argv.slice(2).map(readRecord))
await writeJson(join(import.meta.dirname, '..', '..', 'results', 'every-rate.json'), result, rounded)
console.table(result.single)
