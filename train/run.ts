import { basename, join, resolve } from 'node:path'
import { type Checkpoint, readCheckpoint, restoreTrainer, setVariables } from './checkpoint.ts'
import type { TrainingData } from './data/images.ts'
import { openData } from './data/open.ts'
import { exportModel } from './export/export.ts'
import { type FitResult, fit } from './fit.ts'
import type { RateDistortionObjective } from './objectives/rate-distortion.ts'
import { prepareTraining, type Training } from './prepare.ts'
import type { RunSettings } from './presets.ts'
import { duration } from './report/progress.ts'
import { metricsFile } from './report/record.ts'
import { writeReport } from './report/report.ts'
import type { Trainer } from './step.ts'
import { validate } from './validate.ts'

export interface RunRequest {
  settings: RunSettings
  backend: string // as selected: tensorflow, webgpu, wasm
  out: string
  checkpointMinutes: number
  resumeFrom: Checkpoint | null
  command: string
}

/** One training run, from the data to the model directory. The backend is selected. */
export async function runTraining(request: RunRequest): Promise<FitResult> {
  const { backend, out, resumeFrom } = request
  const data = await openData(request.settings)
  const settings = withBatchThatFits(request.settings, data.training.count)
  const training = await prepareTraining(settings, data, { resuming: resumeFrom !== null })
  if (resumeFrom) restoreTrainer(training.trainer, resumeFrom)
  describeStart(backend, training)

  const stop = stopOnSignals()
  const metrics = metricsFile(out, resumeFrom !== null)
  const run = { ...training, backend, out, checkpointMinutes: request.checkpointMinutes, metrics, stop }
  const result = await fit(run, resumeFrom?.position).finally(() => {
    data.training.close()
    stop.release()
  })
  if (settings.patience && result.position.best) useBest(out, training.trainer)
  await finish(request, training, result)
  return result
}

/** A folder may hold fewer images than a batch. A rate-distortion batch is cut into as many parts as shares. */
function withBatchThatFits(settings: RunSettings, images: number): RunSettings {
  if (settings.batch <= images) return settings
  const shares =
    settings.objective === 'rate-distortion' ? settings.levelShares.reduce((a, b) => a + b, 0) : 1
  const batch = images - (images % shares)
  if (batch === 0) throw new Error(`${images} training images; at least ${shares} are needed`)
  console.error(`${images} training images: batches of ${batch} in place of ${settings.batch}`)
  return { ...settings, batch }
}

function describeStart(backend: string, { settings, data, trainer }: Training) {
  const { height, width, channels } = data.training.shape
  const parameters = trainer.variables.reduce((sum, v) => sum + v.size, 0)
  console.error(
    `${settings.preset}: ${settings.encoder} encoder, ${settings.decoder} decoder, ${settings.objective}, ` +
      `${parameters} parameters; ${data.training.count} images of ${height}x${width}x${channels} (${data.training.name}), ` +
      `${data.validation.count} held out; backend ${backend}`,
  )
}

/** The first signal asks for a stop and a checkpoint, the second kills as usual. */
function stopOnSignals(): { requested: string | null; release(): void } {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  const stop: { requested: string | null; release(): void } = { requested: null, release }
  const onSignal = (signal: NodeJS.Signals) => {
    stop.requested = signal
    release()
    console.error(`\n${signal}: writing a checkpoint, then stopping`)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return stop
}

function useBest(out: string, trainer: Trainer) {
  setVariables(trainer.variables, readCheckpoint(join(out, 'best.bin')).arrays)
}

async function finish(
  request: RunRequest,
  { settings, data, networks, objective, trainer }: Training,
  { position, stoppedBy }: FitResult,
) {
  const { backend, out } = request
  if (stoppedBy?.startsWith('SIG')) {
    console.error(`stopped after ${duration(position.seconds)}; continue with --resume ${out}`)
    return
  }
  const validation = await validate(objective, data.validation, settings)
  const record = {
    backend,
    seed: settings.seed,
    epochs: position.epoch,
    data: settings.data,
    seconds: Math.round(position.seconds * 10) / 10,
    parameters: trainer.variables.reduce((sum, v) => sum + v.size, 0),
    validation: { mse: validation.mse, psnrDb: validation.psnrDb },
    validationLoss: validation.loss,
    rateLevels:
      objective.name === 'rate-distortion'
        ? await levelRecords(objective as RateDistortionObjective, data, settings)
        : undefined,
    stoppedBy,
    command: request.command,
    settings,
  }
  await exportModel({
    name: basename(resolve(out)),
    outDir: out,
    encoder: networks.encoder.model,
    decoder: networks.decoder,
    shape: data.training.shape,
    latent: settings.latent,
    ...(objective.name === 'rate-distortion' && {
      levelSteps: await (objective as RateDistortionObjective).levelSteps(),
      levelLambdas: settings.lambdas,
      defaultLevel: settings.defaultLevel,
      targetBytes: settings.targetBytes || undefined,
    }),
    trainImages: data.sample.samples,
    validationImages: data.validation.samples,
    record,
    log: (line) => console.error(line),
  })
  await writeReport({ out, settings, data, networks, objective, record })
  console.error(`${out}: the model, its record, and report.html to look at`)
}

/** What each rate level does on validation images, by the learned prior (ideal payload). */
async function levelRecords(objective: RateDistortionObjective, data: TrainingData, settings: RunSettings) {
  const records = []
  for (const [level, lambda] of settings.lambdas.entries()) {
    const { psnrDb, rateBits } = await validate(objective, data.validation, settings, (clean) =>
      objective.levelLosses(clean, level),
    )
    records.push({ lambda, idealBytes: rateBits / 8, psnrDb })
  }
  return records
}
