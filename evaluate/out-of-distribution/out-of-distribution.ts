/**
 * Does the codec notice images that it does not know? Known: the test set of digits. Writes
 * results/out-of-distribution.json; docs/out-of-distribution.md is made from it by `npm run plots`.
 *
 *     node evaluate/out-of-distribution/out-of-distribution.ts --model mnist --fashion fashion-mnist-sprite.png
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { writeJson } from '../../node/atomic-write.ts'
import { type Compressed, compressBatch } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'
import { imageOf, openTestSet } from '../data-set.ts'
import { describeModel, openNamedModel } from '../open-model.ts'
import type { OutOfDistribution } from '../results-schema.ts'
import { rounded } from '../rounded.ts'
import { type UnknownSet, unknownSets } from './ood-sets.ts'
import { areaUnderRoc, shareAbove, thresholdAt } from './roc.ts'

const FALSE_ALARM_RATES = [0.001, 0.01, 0.05]
const BATCH = 256

interface Statistic {
  name: string
  formula: string
  of: (compressed: Compressed, image: Uint8Array) => number
}

/** Standard deviation of an image's samples on [0, 1], but never zero. */
function contrast(image: Uint8Array): number {
  const mean = image.reduce((sum, sample) => sum + sample / 255, 0) / image.length
  return Math.sqrt(image.reduce((sum, sample) => sum + (sample / 255 - mean) ** 2, 0) / image.length + 1e-4)
}

const STATISTICS: Statistic[] = [
  { name: 'error', formula: 'mse', of: ({ mse }) => mse },
  { name: 'rate', formula: 'payload bytes', of: ({ bytes }) => bytes.payload },
  { name: 'cost', formula: 'rateBits + lambda mse (what the service uses)', of: ({ costBits }) => costBits },
  {
    name: 'cost by contrast',
    formula: "cost / standard deviation of the image's samples",
    of: ({ costBits }, image) => costBits / contrast(image),
  },
  {
    name: 'relative error',
    formula: "mse / variance of the image's samples",
    of: ({ mse }, image) => mse / contrast(image) ** 2,
  },
]

interface Scored {
  name: string
  flagged: number
  /** [statistic][image] */
  values: number[][]
}

function score(model: Model, { name, images }: UnknownSet): Scored {
  const values: number[][] = STATISTICS.map(() => [])
  let flagged = 0
  for (let first = 0; first < images.length; first += BATCH) {
    const batch = images.slice(first, first + BATCH)
    for (const [i, compressed] of compressBatch(model, batch).entries()) {
      for (const [s, { of }] of STATISTICS.entries()) values[s].push(of(compressed, batch[i]))
      if (!compressed.inDistribution) flagged++
    }
  }
  return { name, flagged: flagged / images.length, values }
}

function caughtOf(statistic: number, known: Scored, { name, values }: Scored) {
  const [ours, theirs] = [known.values[statistic], values[statistic]]
  return {
    name,
    images: theirs.length,
    caught: FALSE_ALARM_RATES.map((rate) => shareAbove(theirs, thresholdAt(ours, rate))),
    auc: areaUnderRoc(ours, theirs),
  }
}

async function run({ model: name, fashion, out }: { model: string; fashion?: string; out: string }) {
  const named = await openNamedModel(name)
  const { model } = named
  const set = await openTestSet('mnist', model.manifest.input)
  const digits = set.names.map((_, index) => imageOf(set, index))
  const known = score(model, { name: 'MNIST test', images: digits })
  if (!fashion)
    console.log('no Fashion-MNIST: it comes with no package; --fashion takes its IDX file or its picture')
  const unknown = (await unknownSets(digits, set.shape, fashion)).map((each) => score(model, each))
  const result: OutOfDistribution = {
    format: 1,
    kind: 'out-of-distribution',
    model: describeModel(named),
    data: { name: set.name, images: set.names.length, shape: set.shape, digest: set.digest },
    level: model.manifest.defaultLevel,
    falseAlarmRates: FALSE_ALARM_RATES,
    statistics: STATISTICS.map(({ name, formula }, s) => {
      return { name, formula, sets: unknown.map((each) => caughtOf(s, known, each)) }
    }),
    shipped: [known, ...unknown].map(({ name, flagged, values }) => ({
      name,
      images: values[0].length,
      flagged,
    })),
  }
  await writeJson(join(out, 'out-of-distribution.json'), result, rounded)
  for (const { name, sets } of result.statistics) {
    console.log(
      `\n${name}: share caught at ${FALSE_ALARM_RATES.map((rate) => `${rate * 100} %`).join(', ')} false alarms`,
    )
    console.table(Object.fromEntries(sets.map(({ name, caught, auc }) => [name, { ...caught, auc }])))
  }
  console.log('\nshipped rule, share flagged')
  console.table(Object.fromEntries(result.shipped.map(({ name, flagged }) => [name, flagged])))
}

if (process.argv[1] === import.meta.filename)
  await new Command('out-of-distribution')
    .option('--model <name|dir>', 'a model of 28x28 grey images', 'mnist')
    .option('--fashion <file>', "Fashion-MNIST: an IDX file (.gz or not), or the repository's sprite PNG")
    .option('--out <dir>', 'where out-of-distribution.json goes', 'results')
    .action(run)
    .parseAsync()
