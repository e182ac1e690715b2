import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../node/atomic-write.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { compressBatch } from '../../shared/codec/codec.ts'
import type { Model } from '../../shared/codec/model.ts'
import { encode } from '../../shared/codec/transform.ts'
import { sampleCount } from '../../shared/manifest.ts'
import { measureBaselines } from '../baselines/baselines.ts'
import { stepsPerEpoch } from '../batches.ts'
import type { ImageSet, TrainingData } from '../data/images.ts'
import { firstImages } from '../data/images.ts'
import type { EpochMetrics, TrainingMetrics } from './metrics.ts'
import { type History, latentHistograms, learningCurves } from './report-charts.ts'
import { reportPage } from './report-page.ts'
import { interpolationRows, reconstructionRows, sampleRows } from './report-rows.ts'
import type { TrainingRecord } from './training-record.ts'

/** How many held-out images the histograms use, and the comparison with other codecs. */
const MOST_IMAGES = 1000
const MOST_SAMPLES = 2 ** 23

/** Writes report.html, one self-contained file. Its pictures and figures of the codec come from the exported model. */
export async function writeReport(out: string, record: TrainingRecord, data: TrainingData): Promise<void> {
  const model = await loadModelDirectory(out)
  const { manifest } = model
  const shown = firstImages(
    data.validation,
    Math.min(MOST_IMAGES, Math.max(1, Math.floor(MOST_SAMPLES / sampleCount(manifest.input)))),
  )
  const { latents, dead } = latentsOf(model, shown)
  const { meanBytes } = manifest.levels[manifest.defaultLevel]
  const page = reportPage({
    record,
    manifest,
    curves: await learningCurves(
      readHistory(out),
      stepsPerEpoch(data.training, record.settings.optimization.batch),
    ),
    reconstructions: reconstructionRows(model, shown, record.settings),
    histograms: latentHistograms(latents, manifest.latent, dead),
    dead: dead.filter(Boolean).length,
    samples: record.settings.objective.name === 'vae' ? sampleRows(model, record.seed) : [],
    interpolations: interpolationRows(model, latents),
    baselines: await measureBaselines(data.sample, shown, meanBytes),
    shownImages: shown.count,
  })
  await writeWhole(join(out, 'report.html'), page)
}

function readHistory(out: string): History {
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n')
  const records = lines.map((line) => JSON.parse(line) as { kind: string })
  const of = (kind: string) => records.filter((r) => r.kind === kind)
  return {
    training: of('training') as unknown as TrainingMetrics[],
    epochs: of('epoch') as unknown as EpochMetrics[],
  }
}

/** latents [n, latent]; a dimension is dead if its symbol at the default level is always the same. */
function latentsOf(model: Model, { samples, count, shape }: ImageSet) {
  const size = sampleCount(shape)
  const { latent } = model.manifest
  const latents = new Float32Array(count * latent)
  const first: number[] = []
  const dead = new Array<boolean>(latent).fill(true)
  for (let i = 0; i < count; i++) {
    const image = samples.subarray(i * size, (i + 1) * size)
    latents.set(encode(model, [image])[0], i * latent)
    compressBatch(model, [image])[0].symbols.forEach((symbol, d) => {
      first[d] ??= symbol
      if (symbol !== first[d]) dead[d] = false
    })
  }
  return { latents, dead }
}
