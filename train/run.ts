import { basename, join, resolve } from 'node:path'
import { duration } from '../node/terminal/format.ts'
import type { BackendName } from './backends/backend.ts'
import { stepsPerEpoch } from './batches.ts'
import { type Checkpoint, readCheckpoint, restoreTrainer, setVariables } from './checkpoint.ts'
import { areAlike, firstImages, type TrainingData } from './data/images.ts'
import { openData } from './data/open.ts'
import { expectedSeconds, measuredImages } from './export/effort.ts'
import { exportModel } from './export/export.ts'
import { exportPreview } from './export/preview/preview-export.ts'
import { type FitResult, fit } from './fit.ts'
import { checkMemory } from './memory.ts'
import type { RateDistortionObjective } from './objectives/rate-distortion.ts'
import { prepareTraining, type Training } from './prepare.ts'
import { metricsFile } from './report/metrics.ts'
import { overfittingOf } from './report/overfitting.ts'
import { showProgress } from './report/progress.ts'
import { writeReport } from './report/report.ts'
import type { TrainedLevel, TrainingRecord } from './report/training-record.ts'
import { corruptionOf, partsOfBatch, type RunSettings } from './settings.ts'
import { validate } from './validate.ts'

interface RunRequest {
  settings: RunSettings
  backend: BackendName
  out: string
  checkpointMinutes: number
  resumeFrom: Checkpoint | null
  command: string
  /** Requests a checkpoint and a stop. */
  signal: AbortSignal
}

/** One training run, from the data to the model directory. The backend must be selected already. */
export async function runTraining(request: RunRequest): Promise<FitResult> {
  refuseHopelessSize(request)
  const data = await openData(request.settings)
  try {
    if (data.sample.count > 1 && areAlike(data.sample))
      throw new Error(
        `all ${data.training.count} training images (${data.training.name}) are the same: nothing can be learned from them`,
      )
    const settings = withBatchThatFits(request.settings, data.training.count)
    checkMemory(settings, data.training.shape, request.backend)
    if (settings.networks.linearPath && !settings.from && !request.resumeFrom)
      console.error(`starting from the principal components of ${data.sample.count} images`)
    const training = await prepareTraining(settings, data, { resuming: request.resumeFrom !== null })
    describeStart(request.backend, training)
    const result = await train(request, training)
    if (result.ending === 'interrupted')
      console.error(
        `stopped after ${duration(result.position.seconds)}; continue with --resume ${request.out}`,
      )
    else await exportAndReport(request, training, result)
    return result
  } finally {
    data.training.close()
  }
}

/** Before any image is read, refuses networks that would not fit even with the smallest batch. */
function refuseHopelessSize({ settings, backend }: RunRequest): void {
  const { size } = settings.data
  const optimization = { ...settings.optimization, batch: partsOfBatch(settings.objective) }
  if (size) checkMemory({ ...settings, optimization }, size, backend)
}

/** A folder may hold fewer images than a batch. */
function withBatchThatFits(settings: RunSettings, images: number): RunSettings {
  const { optimization } = settings
  if (optimization.batch <= images) return settings
  const parts = partsOfBatch(settings.objective)
  const batch = images - (images % parts)
  if (batch === 0)
    throw new Error(
      `${images} training images are too few: with these rate levels a batch takes ${parts} or more. ` +
        'Add images, or train a single level, for instance --lambda 30',
    )
  console.error(`${images} training images: batches of ${batch} instead of ${optimization.batch}`)
  return { ...settings, optimization: { ...optimization, batch } }
}

const parametersOf = ({ trainer }: Training) => trainer.variables.reduce((sum, v) => sum + v.size, 0)

function describeStart(backend: BackendName, training: Training) {
  const { settings, data } = training
  const { encoder, decoder } = settings.networks
  const { height, width, channels } = data.training.shape
  console.error(
    `${settings.preset}: ${encoder.family} encoder, ${decoder.family} decoder, ${settings.objective.name}, ` +
      `${parametersOf(training)} parameters; ${data.training.count} images of ${height}x${width}x${channels} (${data.training.name}), ` +
      `${data.validation.count} held out; backend ${backend}`,
  )
}

/** Trains from the start or the checkpoint to the end; with patience the trainer then holds the best weights. */
async function train(request: RunRequest, training: Training): Promise<FitResult> {
  const { backend, out, checkpointMinutes, resumeFrom, signal } = request
  const { data, trainer, settings } = training
  const { epochs, batch, patience } = settings.optimization
  if (resumeFrom) restoreTrainer(trainer, resumeFrom)
  const steps = stepsPerEpoch(data.training, batch)
  const position = resumeFrom?.position
  const progress = showProgress({
    epochs,
    stepsPerEpoch: steps,
    doneSteps: position ? position.epoch * steps + position.step : 0,
    exportSeconds: expectedExportSeconds(settings, data),
  })
  const metrics = metricsFile(out, resumeFrom !== null)
  const result = await fit(
    { ...training, backend, out, checkpointMinutes, metrics, progress, signal },
    position,
  )
  if (patience && result.position.best && result.ending !== 'interrupted')
    setVariables(trainer.variables, readCheckpoint(join(out, 'best.bin')).arrays)
  return result
}

function expectedExportSeconds({ objective, optimization }: RunSettings, data: TrainingData): number {
  const trained = objective.name === 'rate-distortion' ? objective : undefined
  return expectedSeconds({
    images: data.sample.count,
    imagesSeen: optimization.epochs * data.training.count,
    trainedLevels: trained?.lambdas.length ?? 0,
    tunesDefault: Boolean(trained?.targetBytes),
  })
}

async function exportAndReport(request: RunRequest, training: Training, result: FitResult) {
  const { out } = request
  const { settings, data, networks, objective } = training
  const imagesSeen = result.position.epoch * data.training.count
  const record = await recordOf(request, training, result, imagesSeen)
  const rates =
    objective.name === 'rate-distortion' && settings.objective.name === 'rate-distortion'
      ? { ...settings.objective, steps: await objective.levelSteps() }
      : undefined
  const exportAs = settings.networks.decoder.family === 'dct' ? exportPreview : exportModel
  const { levels, defaultLevel } = await exportAs({
    name: basename(resolve(out)),
    outDir: out,
    encoder: networks.encoder.model,
    decoder: networks.decoder,
    shape: data.training.shape,
    latent: settings.networks.latent,
    rates,
    imagesSeen,
    trainImages: data.sample.samples,
    validationImages: data.validation.samples,
    ...(settings.from && { from: settings.from }),
    record,
  })
  await writeReport(out, record, data)
  const { meanBytes, psnrDb } = levels[defaultLevel]
  console.error(
    `default level ${defaultLevel} of ${levels.length}: ${meanBytes.toFixed(1)} bytes, ${psnrDb.toFixed(2)} dB ` +
      `on ${record.images.measured} held-out images`,
  )
  const warning = overfittingOf(record)
  if (warning) console.error(warning)
  console.error(`${out}: the model, its record, and report.html to look at`)
}

async function recordOf(
  { backend, command }: RunRequest,
  training: Training,
  { position, ending }: FitResult,
  imagesSeen: number,
): Promise<TrainingRecord> {
  const { settings, data, objective } = training
  const corrupting = { corruption: corruptionOf(settings.objective), seed: settings.seed }
  const { count } = data.validation
  const heldOut = await validate(objective.validationLosses, data.validation, corrupting)
  const seen = await validate(objective.validationLosses, firstImages(data.sample, count), corrupting)
  // The record may be published, so it has only the last part of a folder's path.
  const name = settings.data.source
    .split('+')
    .map((source) => basename(source))
    .join('+')
  return {
    backend,
    seed: settings.seed,
    epochs: position.epoch,
    data: name,
    seconds: Math.round(position.seconds * 10) / 10,
    parameters: parametersOf(training),
    images: {
      training: data.training.count,
      validation: count,
      measured: measuredImages(imagesSeen, count),
    },
    validation: { mse: heldOut.mse, psnrDb: heldOut.psnrDb },
    validationLoss: heldOut.loss,
    trainingLoss: seen.loss,
    ...(objective.name === 'rate-distortion' && { rateLevels: await trainedLevels(objective, training) }),
    ending,
    command,
    settings: { ...settings, data: { ...settings.data, source: name } },
  }
}

/** Rate and distortion of each level on validation images, under the learned prior (ideal payload). */
async function trainedLevels(
  objective: RateDistortionObjective,
  { data, settings }: { data: TrainingData; settings: RunSettings },
): Promise<TrainedLevel[]> {
  const levels = []
  for (const [level, lambda] of objective.lambdas.entries()) {
    const losses = (clean: Parameters<typeof objective.levelLosses>[0]) => objective.levelLosses(clean, level)
    const { psnrDb, rateBits } = await validate(losses, data.validation, {
      corruption: null,
      seed: settings.seed,
    })
    levels.push({ lambda, idealBytes: rateBits / 8, psnrDb })
  }
  return levels
}
