import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { type ImageShape, sampleCount } from '../../shared/manifest.ts'
import { readAndDispose } from '../backends/read-tensor.ts'
import { stepsPerEpoch, toUnit } from '../batches.ts'
import type { TrainingData } from '../data/images.ts'
import { decode, encode, type Networks } from '../networks/networks.ts'
import { corrupt } from '../objectives/corruption.ts'
import type { Objective } from '../objectives/objective.ts'
import { purpose, Random } from '../random.ts'
import { corruptionOf, type RunSettings } from '../settings.ts'
import type { EpochMetrics, TrainingMetrics } from './metrics.ts'
import { type History, latentHistograms, learningCurves } from './report-charts.ts'
import { reportPage, type StripRow } from './report-page.ts'
import { errorStrip, strip } from './report-pictures.ts'
import type { TrainingRecord } from './training-record.ts'

export interface ReportRequest {
  out: string
  settings: RunSettings
  data: TrainingData
  networks: Networks
  objective: Objective
  record: TrainingRecord
}

const shown = 16
const measured = 2000

/** Writes report.html: one file that needs nothing else. */
export async function writeReport(request: ReportRequest): Promise<void> {
  const { out, settings, data, networks, objective, record } = request
  const { shape } = data.validation
  const images = toUnit(data.validation.samples.subarray(0, measured * sampleCount(shape)))
  const steps = objective.name === 'rate-distortion' ? await objective.levelSteps() : null
  const { encoder, decoder, latent } = settings.networks
  const latents = await encodeAll(networks, images, shape)
  const dead = deadDimensions(latents, latent, steps?.[defaultLevelOf(settings)])
  const page = reportPage({
    title:
      settings.preset === 'none'
        ? `${encoder.family} to ${decoder.family}, ${objective.name}`
        : settings.preset,
    record,
    curves: await learningCurves(readHistory(out), stepsPerEpoch(data.training, settings.optimization.batch)),
    reconstructions: await reconstructionRows(request, images, steps),
    histograms: latentHistograms(latents, latent, dead),
    dead: dead.filter(Boolean).length,
    samples: objective.name === 'vae' ? await sampleRows(networks, settings, shape) : [],
    interpolations: await interpolationRows(networks, latents, latent, shape),
    shape,
  })
  writeFileSync(join(out, 'report.html'), page)
}

const defaultLevelOf = ({ objective }: RunSettings) =>
  objective.name === 'rate-distortion' ? objective.defaultLevel : 0

function readHistory(out: string): History {
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n')
  const records = lines.map((line) => JSON.parse(line) as { kind: string })
  const of = (kind: string) => records.filter((r) => r.kind === kind)
  return {
    training: of('training') as unknown as TrainingMetrics[],
    epochs: of('epoch') as unknown as EpochMetrics[],
  }
}

function encodeAll(networks: Networks, images: Float32Array, shape: ImageShape): Promise<Float32Array> {
  const pixels = sampleCount(shape)
  return readAndDispose(
    tf.tidy(() => encode(networks, tf.tensor2d(images, [images.length / pixels, pixels]))),
  )
}

/** Clipped to [0,1], as the codec does it. */
function decodeAll(networks: Networks, latents: Float32Array, latent: number): Promise<Float32Array> {
  const decoded = tf.tidy(() => {
    const decoded = decode(networks, tf.tensor2d(latents, [latents.length / latent, latent]))
    return tf.clipByValue(decoded, 0, 1)
  })
  return readAndDispose(decoded)
}

/** Always the same symbol at the default level; without levels, a spread under a thousandth of the largest. */
function deadDimensions(latents: Float32Array, latent: number, steps: number[] | undefined): boolean[] {
  const n = latents.length / latent
  const spread = Array.from({ length: latent }, (_, d) => {
    const values = Array.from({ length: n }, (_, i) => latents[i * latent + d]!)
    if (steps) return new Set(values.map((v) => Math.round(v / steps[d]!))).size - 1
    const mean = values.reduce((a, b) => a + b, 0) / n
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n)
  })
  const largest = Math.max(...spread)
  return spread.map((s) => s <= (steps ? 0 : largest / 1000))
}

/** Originals, what the encoder got if that was corrupted, and reconstructions: of each rate level, if there are any. */
async function reconstructionRows(
  { networks, settings, data }: ReportRequest,
  images: Float32Array,
  steps: number[][] | null,
): Promise<StripRow[]> {
  const { shape } = data.validation
  const { latent } = settings.networks
  const corruption = corruptionOf(settings.objective)
  const defaultLevel = defaultLevelOf(settings)
  const originals = images.slice(0, shown * sampleCount(shape))
  const rows: StripRow[] = [{ label: 'original', image: strip(originals, shape) }]
  let input = originals
  if (corruption) {
    input = Float32Array.from(originals)
    corrupt(corruption, input, new Random(settings.seed, purpose.corrupt, -2))
    rows.push({ label: `corrupted (${corruption.kind})`, image: strip(input, shape) })
  }
  const latents = await encodeAll(networks, input, shape)
  const add = (label: string, decoded: Float32Array, withError: boolean) => {
    rows.push({ label, image: strip(decoded, shape) })
    if (withError) rows.push({ label: 'its error', image: errorStrip(originals, decoded, shape) })
  }
  if (!steps) add('reconstruction', await decodeAll(networks, latents, latent), true)
  else
    for (const [level, ofLevel] of [...steps.entries()].reverse()) {
      const rounded = latents.map((v, i) => Math.round(v / ofLevel[i % latent]!) * ofLevel[i % latent]!)
      const name = level === defaultLevel ? `level ${level} (default)` : `level ${level}`
      add(name, await decodeAll(networks, rounded, latent), level === defaultLevel)
    }
  return rows
}

/** From one validation image to another, straight through the latent space. */
function interpolationRows(
  networks: Networks,
  latents: Float32Array,
  latent: number,
  shape: ImageShape,
): Promise<StripRow[]> {
  const pairs = Math.min(4, Math.floor(latents.length / latent / 2))
  const rows = Array.from({ length: pairs }, async (_, pair) => {
    const at = (image: number, d: number) => latents[image * latent + d]!
    const between = Float32Array.from({ length: shown * latent }, (_, i) => {
      const t = Math.floor(i / latent) / (shown - 1)
      return (1 - t) * at(2 * pair, i % latent) + t * at(2 * pair + 1, i % latent)
    })
    return { label: '', image: strip(await decodeAll(networks, between, latent), shape) }
  })
  return Promise.all(rows)
}

/** Decoded draws from the prior. */
function sampleRows(
  networks: Networks,
  { networks: { latent }, seed }: RunSettings,
  shape: ImageShape,
): Promise<StripRow[]> {
  const rows = Array.from({ length: 4 }, async (_, row) => {
    const random = new Random(seed, purpose.noise, -1, row)
    const draws = Float32Array.from({ length: shown * latent }, () => random.normal())
    return { label: '', image: strip(await decodeAll(networks, draws, latent), shape) }
  })
  return Promise.all(rows)
}
