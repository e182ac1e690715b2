/** Evaluates a model on a set of images: per-image lines, the model's curve, those of other codecs, and the comparison. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeJson, writeWhole } from '../node/atomic-write.ts'
import { startProgress } from '../node/terminal/progress.ts'
import type { Model } from '../shared/codec/model.ts'
import { baselineRecords } from './baselines/baseline-records.ts'
import { compareWithBaselines } from './curves/compare.ts'
import { evenly, openTestSet, type TestSet, takeFrom } from './data-set.ts'
import { type ImageRecord, summarizeAll } from './image-record.ts'
import { levelsOf, measureModel } from './measure-model.ts'
import { describeModel, openNamedModel } from './open-model.ts'
import type { RateDistortion } from './results-schema.ts'
import { rounded } from './rounded.ts'
import { softwareVersions } from './software.ts'
import { printResult } from './table.ts'

export interface EvaluateOptions {
  model: string
  data?: string
  out: string
  lines?: string
  maxBytes: number[]
  limit?: number
  baselineImages: number
  baselines: boolean
  fresh?: boolean
  jobs?: number
}

export async function evaluate(options: EvaluateOptions): Promise<void> {
  const named = await openNamedModel(options.model)
  const { model } = named
  const { name, input } = model.manifest
  const all = await openTestSet(options.data ?? (input.channels === 1 ? 'mnist' : 'cifar10'), input)
  const set = options.limit ? takeFrom(all, evenly(all.names.length, options.limit)) : all
  const own = await measureOwn(model, set, options.maxBytes)
  const compared = evenly(set.names.length, options.baselineImages)
  const others = options.baselines ? await baselineRecords(set, compared, options) : []
  const result: RateDistortion = {
    format: 1,
    kind: 'rate-distortion',
    data: { name: set.name, images: set.names.length, shape: set.shape, digest: set.digest },
    model: describeModel(named),
    software: softwareVersions(),
    points: [...summarizeAll(own), ...summarizeAll(others)],
    ...(options.baselines && {
      comparisons: compareWithBaselines([...onlyOf(own, set, compared), ...others]),
    }),
  }
  const lines = options.lines ?? join('.cache', 'evaluate', `${name}-${set.name}.jsonl`)
  await writeWhole(lines, `${[...own, ...others].map((record) => JSON.stringify(record)).join('\n')}\n`)
  const summary = join(options.out, `rd-${name}-${set.name}.json`)
  await writeJson(summary, result, rounded)
  printResult(result)
  console.log(`\nsummary: ${summary}\nper image: ${lines}`)
}

async function measureOwn(model: Model, set: TestSet, maxBytes: number[]): Promise<ImageRecord[]> {
  const bounded = maxBytes.map((bytes) => ({ setting: `maxBytes ${bytes}`, options: { maxBytes: bytes } }))
  const rates = [...levelsOf(model), ...bounded]
  const records: ImageRecord[] = []
  let unreachable = 0
  const progress = startProgress(model.manifest.name, rates.length * set.names.length)
  let nextTurnMs = 0
  for (const record of measureModel(model, set, rates)) {
    if (record) records.push(record)
    else unreachable++
    progress.advance()
    if (performance.now() < nextTurnMs) continue
    await nextTurn() // lets signals be handled
    nextTurnMs = performance.now() + 200
  }
  progress.stop()
  if (unreachable > 0) console.log(`${unreachable} images did not fit into the requested bytes`)
  return records
}

/** The records of the images that the baselines were measured on, so that like is compared with like. */
function onlyOf(records: ImageRecord[], set: TestSet, indices: number[]): ImageRecord[] {
  const names = new Set(indices.map((index) => set.names[index]))
  return records.filter(({ image, setting }) => names.has(image) && setting.startsWith('level'))
}
