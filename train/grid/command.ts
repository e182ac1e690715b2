/** `latent64 train-grid`: the model of long codes. */
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { realNumber, wholeNumber } from '../../node/terminal/options.ts'
import { type BackendName, selectBackend } from '../backends/backend.ts'
import { cutTiles } from './cut-tiles.ts'
import { exportGrid } from './export/export-grid.ts'
import { readOriented, readTorchRecord, readTorchWeights } from './export/import-torch.ts'
import { fitGrid, type GridSettings, gridTrainer } from './fit-grid.ts'
import { readGridHead, restoreGrid, writeGridCheckpoint } from './grid-checkpoint.ts'
import { photographs } from './photograph-files.ts'
import { samplesOf } from './samples.ts'

interface Flags {
  photos: string
  backend: BackendName | 'auto'
  out: string
  steps: number
  batch: number
  tiles: number
  lr: number
  seed: number
  checkpointMinutes: number
  resume?: boolean
  weights?: string
  oriented?: string
  preview: string
  fitPhotos: number
}

export const trainGridCommand = new Command('train-grid')
  .description('Train the model of long codes (docs/long-codes.md) on a folder of photographs')
  .requiredOption('--photos <dir>', 'photographs of 256 pixels or more; every tenth is held out')
  .addOption(
    new Option('--backend <name>', 'what to compute on; a named backend never falls back to another')
      .choices(['auto', 'tensorflow', 'webgpu', 'wasm'])
      .default('auto'),
  )
  .option('--out <dir>', 'model directory to write', join('runs', 'grid'))
  .option('--steps <n>', 'updates', wholeNumber, 60_000)
  .option('--batch <n>', 'tiles of 256 x 256 pixels per training step', wholeNumber, 16)
  .option('--tiles <n>', 'tiles to cut, kept in memory: 0.2 MB each', wholeNumber, 4000)
  .option('--lr <x>', "Adam's learning rate", realNumber, 8e-4)
  .option('--seed <n>', 'the same seed gives the same weights on the same backend', wholeNumber, 1)
  .option('--checkpoint-minutes <n>', 'minutes between checkpoints', realNumber, 5)
  .option('--resume', "continue from --out's checkpoint, with its settings")
  .option('--weights <base>', 'do not train: use BASE.json and BASE.bin, which train/grid/torch wrote')
  .option(
    '--oriented <base>',
    'with --weights: use BASE.json and BASE.bin, which train/grid/torch/oriented.py wrote',
  )
  .option('--preview <model>', 'the model of the previews for which the entropy model is fitted', 'preview')
  .option('--fit-photos <n>', 'how many photographs the entropy model is fitted to', wholeNumber, 240)
  .action(trainGrid)

const log = (line: string) => console.error(line)

async function trainGrid(flags: Flags): Promise<void> {
  const trained = flags.weights === undefined ? await train(flags) : undefined
  if (trained === 'stopped') return
  const previewModel = await loadModelDirectory(findModel(flags.preview).directory)
  const samples = await samplesOf(flags.photos, flags.fitPhotos, previewModel)
  const oriented = flags.oriented === undefined ? undefined : readOriented(flags.oriented)
  const record = trained?.record ?? { backend: 'torch', ...readTorchRecord(flags.weights!) }
  const manifest = await exportGrid({
    weights: trained?.weights ?? readTorchWeights(flags.weights!),
    oriented: oriented?.matrices,
    ...{ samples, out: flags.out, seed: flags.seed, log },
    record: { ...record, ...oriented?.record },
  })
  log(`${flags.out}: grid model ${manifest.name}, number ${manifest.number}`)
}

async function train(flags: Flags) {
  const file = join(flags.out, 'checkpoint.bin')
  const head = flags.resume ? readGridHead(file) : undefined
  const settings: GridSettings = head?.settings ?? settingsOf(flags)
  const backend = await selectBackend((head?.backend as BackendName | undefined) ?? flags.backend)
  log(`backend ${backend.name}: ${backend.why}`)
  const tiles = await cutTiles(photographs(flags.photos), flags.tiles, settings.seed)
  const trainer = await gridTrainer(settings, tiles, !head)
  if (head) restoreGrid(file, trainer)
  const started = performance.now()
  const seconds = () => (head?.seconds ?? 0) + (performance.now() - started) / 1000
  let isStopping = false
  process.once('SIGINT', () => {
    isStopping = true
    log('stopping after a checkpoint')
  })
  let saved = performance.now()
  const save = (step: number) =>
    writeGridCheckpoint(file, trainer, { settings, backend: backend.name, step, seconds: seconds() })
  const done = await fitGrid(
    trainer,
    settings,
    async ({ step, loss, psnrDb, bitsPerPixel, stepsPerSecond }) => {
      const left = (settings.steps - step) / stepsPerSecond / 60
      const figures = `loss ${loss.toFixed(3)}, ${psnrDb.toFixed(2)} dB at ${bitsPerPixel.toFixed(3)} bits per pixel`
      log(
        `${step}/${settings.steps}: ${figures}, ${stepsPerSecond.toFixed(2)} steps/s, ${left.toFixed(0)} min left`,
      )
      if (performance.now() - saved > flags.checkpointMinutes * 60_000) {
        await save(step)
        saved = performance.now()
      }
      return !isStopping
    },
    head?.step,
  )
  await save(done)
  if (done < settings.steps) {
    log(`stopped; continue with --resume --out ${flags.out}`)
    return 'stopped' as const
  }
  const record = { backend: backend.name, ...settings, seconds: Math.round(seconds()), photos: flags.photos }
  return { weights: await trainer.networks.weights(), record }
}

const settingsOf = ({ steps, batch, lr, seed }: Flags): GridSettings => ({
  ...{ steps, batch, learningRate: lr, seed },
  ...{ warmupSteps: 500, clipNorm: 1 },
})
