import { basename, join, resolve } from 'node:path'
import { type Checkpoint, type Position, readCheckpoint, restoreTrainer, setVariables } from './checkpoint.ts'
import type { TrainingData } from './data/images.ts'
import { openData } from './data/open.ts'
import { exportModel } from './export.ts'
import { type FitResult, fit } from './fit.ts'
import type { Networks, Objective } from './objective.ts'
import { prepareNetworks, prepareObjective } from './prepare.ts'
import type { RunSettings } from './presets.ts'
import { duration } from './progress.ts'
import type { RateDistortionObjective } from './rate-distortion.ts'
import { metricsFile } from './record.ts'
import { writeReport } from './report.ts'
import { autodiffTrainer, type Trainer } from './step.ts'
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
  const { settings, backend, out, resumeFrom } = request
  const data = await openData(settings)
  const { shape } = data.training
  const networks = prepareNetworks(settings, shape, resumeFrom ? null : data.sample)
  const objective = prepareObjective(settings, networks, shape, data.sample)
  const trainer = await autodiffTrainer(networks, objective, settings.clipNorm)
  const position: Position = resumeFrom?.position ?? { epoch: 0, step: 0, seconds: 0, best: null }
  if (resumeFrom) restoreTrainer(trainer, resumeFrom)
  describeStart(request, data, trainer)

  const stop = stopOnSignals()
  const metrics = metricsFile(out, resumeFrom !== null)
  const run = {
    settings,
    backend,
    data,
    objective,
    trainer,
    out,
    checkpointMinutes: request.checkpointMinutes,
    metrics,
    stop,
  }
  const result = await fit(run, position).finally(() => {
    data.training.close()
    stop.release()
  })
  if (settings.patience && result.position.best) useBest(out, trainer)
  await finish(request, data, networks, objective, trainer, result)
  return result
}

function describeStart({ settings, backend }: RunRequest, data: TrainingData, trainer: Trainer) {
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
  data: TrainingData,
  networks: Networks,
  objective: Objective,
  trainer: Trainer,
  { position, stoppedBy }: FitResult,
) {
  const { settings, backend, out } = request
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
      levelSteps: (objective as RateDistortionObjective).levelSteps(),
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
