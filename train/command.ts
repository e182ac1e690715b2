import { existsSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { listOf, positiveNumber, realNumber, wholeNumber } from '../node/terminal/options.ts'
import { MODEL_PATHS } from '../shared/manifest.ts'
import type { BackendName } from './backends/backend.ts'
import { setTensorFlowEnvironment } from './backends/tensorflow-environment.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { decoderFamilies, families } from './networks/families.ts'
import { corruptions } from './objectives/corruption.ts'
import { distortions } from './objectives/distortion.ts'
import { objectiveNames } from './objectives/losses.ts'
import { presets } from './presets.ts'
import { runTraining } from './run.ts'
import type { RunSettings } from './settings.ts'
import { applyFlags, type SettingFlags, startingPoint } from './settings-from-flags.ts'

const size = (text: string) => {
  const match = /^(\d+)x(\d+)$/.exec(text)
  if (!match) throw new InvalidArgumentError('expected HEIGHTxWIDTH, for instance 32x32')
  return { height: Number(match[1]), width: Number(match[2]) }
}

export const trainCommand = new Command('train')
  .description('Train a model and export it as a directory that evaluate, compress and the service can use')
  .addOption(
    new Option('--preset <name>', 'what to train; options below override it').choices(Object.keys(presets)),
  )
  .addOption(
    new Option('--backend <name>', 'what to compute on; a named backend never falls back to another')
      .choices(['auto', 'tensorflow', 'webgpu', 'wasm'])
      .default('auto'),
  )
  .option('--out <dir>', 'model directory to write (default: runs/PRESET)')
  .option(
    '--from <name|dir>',
    'start from a model (photo, mnist, preview-0, or a directory): its weights, or a preview’s dimensions',
  )
  .option('--resume <dir>', 'continue the run in this directory from its checkpoint, with its settings')
  .option('--epochs <n>', 'passes over the training images', wholeNumber)
  .option('--seed <n>', 'the same seed gives the same weights on the same backend', wholeNumber)
  .option('--data <name>', 'mnist, cifar10 or a folder of images; cifar10+FOLDER joins two')
  .option(
    '--crops <n>',
    'for joined sources: images per file, of which one is the whole file and the others are random crops',
    wholeNumber,
  )
  .option('--size <HxW>', 'resize the images of a folder to this size (default 32x32)', size)
  .option('--grey', 'read a folder as grey images')
  .option('--limit <n>', 'how many of the training images to use (default: all)', wholeNumber)
  .option('--validation <n>', 'images held out for validation', wholeNumber)
  .addOption(new Option('--encoder <family>', 'network family').choices(families))
  .addOption(new Option('--decoder <family>', 'network family').choices(decoderFamilies))
  .option('--encoder-widths <list>', 'mlp: layers; cnn: channels; recurrent: units', listOf(positiveNumber))
  .option('--decoder-widths <list>', 'the same, from the image to the latent', listOf(positiveNumber))
  .option('--latent <n>', 'numbers in the latent', wholeNumber)
  .option('--linear-path', 'add a linear layer beside the network, which starts at PCA')
  .option('--no-linear-path', 'leave that layer out')
  .addOption(new Option('--objective <name>', 'what training minimizes').choices(objectiveNames))
  .addOption(
    new Option('--corruption <kind>', 'what the denoising objective has to undo').choices(corruptions),
  )
  .option('--corruption-amount <x>', 'standard deviation (gaussian) or share of samples', realNumber)
  .option(
    '--lambda <list>',
    'rate-distortion: bits per sample for each unit of MSE, one value per rate level',
    listOf(realNumber),
  )
  .option(
    '--rounded-from <share>',
    'rate-distortion: share of the run after which the decoder sees rounded latents',
    realNumber,
  )
  .option(
    '--levels-from <share>',
    'rate-distortion: share of the run after which all rate levels take part',
    realNumber,
  )
  .addOption(
    new Option(
      '--distortion <name>',
      'rate-distortion: how errors are measured; oklab is close to what eyes see',
    ).choices(distortions),
  )
  .option('--chroma-weight <x>', 'weight of a and b in --distortion oklab', realNumber)
  .addOption(
    new Option('--precision <type>', 'of matrix products on the tensorflow backend').choices([
      'float32',
      'bfloat16',
    ]),
  )
  .option('--batch <n>', 'images per training step', wholeNumber)
  .option('--lr <x>', "Adam's learning rate", realNumber)
  .option(
    '--patience <n>',
    'stop after this many epochs without a better validation loss (0: never)',
    wholeNumber,
  )
  .option('--checkpoint-minutes <n>', 'minutes between checkpoints', realNumber, 5)
  .option('--force', 'replace the model or unfinished run in --out')
  .action(train)

interface Flags extends SettingFlags {
  backend: BackendName | 'auto'
  out?: string
  resume?: string
  force?: boolean
  checkpointMinutes: number
}

async function train(flags: Flags): Promise<void> {
  const resumeFrom = flags.resume ? readCheckpoint(join(flags.resume, 'checkpoint.bin')) : null
  const settings = applyFlags(resumeFrom?.settings ?? startingPoint(flags), flags)
  const out = flags.out ?? flags.resume ?? join('runs', nameOf(settings))
  if (out !== flags.resume && !flags.force) refuseToReplace(out)
  setTensorFlowEnvironment(settings)
  const backend = await openBackend(flags.backend, resumeFrom)
  const interruption = interruptOnSignal()
  await runTraining({
    settings,
    backend,
    out,
    checkpointMinutes: flags.checkpointMinutes,
    resumeFrom,
    command: commandLine(process.argv.slice(3)),
    signal: interruption.signal,
  }).finally(interruption.release)
  if (interruption.signal.aborted) process.exitCode = interruption.signal.reason === 'SIGINT' ? 130 : 143
}

/** As typed, except that absolute paths lose their folders: the record may be published. */
const commandLine = (args: string[]) =>
  ['npm run train --', ...args.map((arg) => (isAbsolute(arg) ? basename(arg) : arg))].join(' ')

const nameOf = ({ preset, objective }: RunSettings) => (preset === 'none' ? objective.name : preset)

function refuseToReplace(out: string): void {
  const what = existsSync(join(out, MODEL_PATHS.manifest))
    ? 'a model'
    : existsSync(join(out, 'checkpoint.bin'))
      ? 'an unfinished run'
      : undefined
  if (what)
    throw new Error(
      `${out} holds ${what}: --force replaces it, --resume ${out} continues its run, --out names another directory`,
    )
}

/** A resumed run stays on its backend, as weights would come out slightly different on another. */
async function openBackend(asked: Flags['backend'], resumeFrom: Checkpoint | null): Promise<BackendName> {
  const { selectBackend } = await import('./backends/backend.ts')
  const backend = await selectBackend(
    asked === 'auto' && resumeFrom ? (resumeFrom.backend as BackendName) : asked,
  )
  if (resumeFrom && resumeFrom.backend !== backend.name)
    console.error(
      `the run began on ${resumeFrom.backend}; on ${backend.name} its weights will not be the same to the bit`,
    )
  console.error(`backend ${backend.name}: ${backend.why}${backend.hint ? `. ${backend.hint}` : ''}`)
  return backend.name
}

/** A terminal's Ctrl-C may arrive twice at once: through the process group, and through npm. */
const SAME_KEY_MS = 1000

/** The first signal asks for a checkpoint and a stop; a later one kills as usual. */
function interruptOnSignal(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const release = () => {
    for (const name of signals) process.off(name, onSignal)
  }
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) return
    setTimeout(release, SAME_KEY_MS).unref()
    console.error(`\n${name}: writing a checkpoint, then stopping`)
    controller.abort(name)
  }
  for (const name of signals) process.on(name, onSignal)
  return { signal: controller.signal, release }
}
