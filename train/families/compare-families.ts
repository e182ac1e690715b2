/**
 * Trains every family, some mixed pairs, and each objective, all on the same small budget, and writes
 * results/families.json and docs/families.md: node train/families/compare-families.ts [--backend tensorflow|wasm]
 * [--only NAME]
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { Command } from 'commander'
import { writeJson, writeWhole } from '../../node/atomic-write.ts'
import { listOf } from '../../node/terminal/options.ts'
import { psnrDb } from '../../shared/images/metrics.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { unsupportedOps } from '../../shared/network/network-plan.ts'
import { type BackendName, selectBackend } from '../backends/backend.ts'
import { setTensorFlowEnvironment } from '../backends/tensorflow-environment.ts'
import { toUnit } from '../batches.ts'
import type { ImageSet } from '../data/images.ts'
import { mnist } from '../data/mnist.ts'
import { openData } from '../data/open.ts'
import { saveLayers } from '../export/save-layers.ts'
import { fit, unattended } from '../fit.ts'
import type { Family } from '../networks/families.ts'
import { type Corruption, corrupt, corruptions, defaultAmount } from '../objectives/corruption.ts'
import { prepareTraining } from '../prepare.ts'
import { defaultSettings } from '../presets.ts'
import { purpose, Random } from '../random.ts'
import { corruptionOf, type ObjectiveSettings, type RunSettings } from '../settings.ts'
import { validate } from '../validate.ts'
import { familiesPage } from './families-page.ts'
import type { Entry, FamilyResult, FamilyResults } from './results.ts'

const budget = { images: 10_000, epochs: 3, batch: 32 }

const same: Family[] = ['mlp', 'cnn', 'rnn', 'lstm', 'gru']
const mixed: [Family, Family][] = [
  ['mlp', 'gru'],
  ['cnn', 'rnn'],
  ['lstm', 'cnn'],
  ['gru', 'mlp'],
]

const entries: Entry[] = [
  ...[...same.map((f) => [f, f] as const), ...mixed].map(
    ([encoder, decoder]): Entry => ({ name: `${encoder}-${decoder}`, encoder, decoder, objective: 'ae' }),
  ),
  ...corruptions.map((kind): Entry => {
    const corruption = { kind, amount: defaultAmount[kind] }
    return { name: `denoising-${kind}`, encoder: 'mlp', decoder: 'mlp', objective: 'denoising', corruption }
  }),
  { name: 'vae', encoder: 'mlp', decoder: 'mlp', objective: 'vae' },
  { name: 'vae-linear', encoder: 'mlp', decoder: 'mlp', objective: 'vae', linearPath: true },
  {
    name: 'rate-distortion',
    encoder: 'mlp',
    decoder: 'mlp',
    objective: 'rate-distortion',
    linearPath: true,
  },
]

function settingsOf({ encoder, decoder, objective, corruption, linearPath = false }: Entry): RunSettings {
  const base = defaultSettings(objective)
  const objectiveSettings: ObjectiveSettings = corruption ? { name: 'denoising', corruption } : base.objective
  return {
    ...base,
    preset: 'families',
    data: { ...base.data, limit: budget.images },
    networks: {
      ...base.networks,
      linearPath,
      encoder: { family: encoder, widths: null },
      decoder: { family: decoder, widths: null },
    },
    objective: objectiveSettings,
    optimization: { ...base.optimization, epochs: budget.epochs, batch: budget.batch },
  }
}

async function measure(entry: Entry, test: ImageSet, backend: string): Promise<FamilyResult> {
  const settings = settingsOf(entry)
  const training = await prepareTraining(settings, await openData(settings))
  const { networks, objective, trainer } = training
  const out = join('runs', 'families', entry.name)
  const { position } = await fit({ ...training, backend, out, ...unattended() })
  const { loss, mse, psnrDb, rateBits } = await validate(objective.validationLosses, test, {
    corruption: corruptionOf(settings.objective),
    seed: settings.seed,
  })
  const files = [await saveLayers(networks.encoder.model), await saveLayers(networks.decoder)]
  return {
    ...entry,
    parameters: trainer.variables.reduce((sum, v) => sum + v.size, 0),
    seconds: Math.round(position.seconds),
    testMse: mse,
    testPsnrDb: psnrDb,
    ...(entry.corruption && { denoisingGainDb: psnrDb - corruptedPsnrDb(entry.corruption, test) }),
    ...(entry.objective === 'vae' && { elboBitsPerDimension: loss }),
    ...(entry.objective === 'rate-distortion' && { idealBytes: rateBits / 8 }),
    unsupportedOps: [...new Set(files.flatMap((file) => unsupportedOps(file.topology)))],
  }
}

function corruptedPsnrDb(corruption: Corruption, { samples, shape }: ImageSet): number {
  const clean = toUnit(samples.subarray(0, 1000 * sampleCount(shape)))
  const corrupted = Float32Array.from(clean)
  corrupt(corruption, corrupted, new Random(1, purpose.corrupt))
  return psnrDb(clean.reduce((sum, c, i) => sum + (c - corrupted[i]) ** 2, 0) / clean.length)
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Adds a result to what was measured before, and writes the page. */
async function record(result: FamilyResult, backend: string): Promise<void> {
  const file = join(root, 'results', 'families.json')
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FamilyResults).results : []
  const byName = new Map([...known, result].map((r) => [r.name, r]))
  const results = entries.flatMap(({ name }) => byName.get(name) ?? [])
  const all: FamilyResults = { schema: 'families-1', backend, budget, results }
  await writeJson(file, all)
  await writeWhole(join(root, 'docs', 'families.md'), familiesPage(all))
}

const options = new Command('compare-families.ts')
  .description(
    'Trains every family on the same budget, and writes results/families.json and docs/families.md.',
  )
  .option('--backend <name>', 'auto, tensorflow, webgpu or wasm', 'auto')
  .option('--only <list>', 'the pairs of these names', listOf(String))
  .parse()
  .opts<{ backend: BackendName | 'auto'; only?: string[] }>()
const chosen = entries.filter(({ name }) => options.only?.includes(name) ?? true)
// One process has one environment: most networks are small, so it suits those.
for (const entry of chosen) setTensorFlowEnvironment(settingsOf(entry))
const backend = await selectBackend(options.backend)
const test = mnist('test')
for (const entry of chosen) {
  await record(await measure(entry, test, backend.name), backend.name)
  tf.disposeVariables()
}
