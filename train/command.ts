import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { listOf, realNumber, wholeNumber } from '../node/terminal/options.ts'
import type { BackendName } from './backends/backend.ts'
import { setTensorFlowEnvironment } from './backends/tensorflow-environment.ts'
import { readCheckpoint } from './checkpoint.ts'
import { families } from './networks/families.ts'
import { corruptions, defaultAmount } from './objectives/corruption.ts'
import { objectives } from './objectives/objective.ts'
import { defaultSettings, presets, type RunSettings } from './presets.ts'
import { runTraining } from './run.ts'

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
    new Option('--backend <name>', 'a backend named here never falls back to another')
      .choices(['auto', 'tensorflow', 'webgpu', 'wasm'])
      .default('auto'),
  )
  .option('--out <dir>', 'model directory to write (default: runs/PRESET)')
  .option('--resume <dir>', 'continue the run in this directory from its checkpoint, with its settings')
  .option('--epochs <n>', 'passes over the training images', wholeNumber)
  .option('--seed <n>', 'the same seed gives the same weights on the same backend', wholeNumber)
  .option('--data <name>', 'mnist, cifar10, or a folder of images')
  .option('--size <HxW>', 'bring the images of a folder to this size (default 32x32)', size)
  .option('--grey', 'read a folder as grey images')
  .option('--limit <n>', 'use only so many training images', wholeNumber)
  .option('--validation <n>', 'images held out for validation', wholeNumber)
  .addOption(new Option('--encoder <family>').choices(families))
  .addOption(new Option('--decoder <family>').choices(families))
  .option('--encoder-widths <list>', 'mlp: layers; cnn: channels; recurrent: units', listOf(realNumber))
  .option('--decoder-widths <list>', 'the same, from the image to the latent', listOf(realNumber))
  .option('--latent <n>', 'numbers in the latent', wholeNumber)
  .option('--linear-path', 'add a linear layer beside the network, started at PCA')
  .option('--no-linear-path')
  .addOption(new Option('--objective <name>').choices(objectives))
  .addOption(new Option('--corruption <kind>', 'what denoising undoes').choices(corruptions))
  .option('--corruption-amount <x>', 'standard deviation (gaussian) or share of samples', realNumber)
  .option(
    '--lambda <list>',
    'rate-distortion: bits a sample per unit of MSE, one for each rate level',
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
    new Option('--precision <type>', 'of matrix products, tensorflow backend').choices([
      'float32',
      'bfloat16',
    ]),
  )
  .option('--batch <n>', 'images a step', wholeNumber)
  .option('--lr <x>', "Adam's learning rate", realNumber)
  .option(
    '--patience <n>',
    'stop after so many epochs without a better validation loss (0: never)',
    wholeNumber,
  )
  .option('--checkpoint-minutes <n>', 'minutes between checkpoints', realNumber, 5)
  .action(train)

type Flags = ReturnType<typeof trainCommand.opts>

async function train(flags: Flags): Promise<void> {
  const resumeFrom = flags.resume ? readCheckpoint(join(flags.resume, 'checkpoint.bin')) : null
  const settings = applyFlags(resumeFrom?.settings ?? startingPoint(flags), flags)
  checkSettings(settings)
  const out =
    flags.out ??
    flags.resume ??
    join('runs', settings.preset === 'none' ? settings.objective : settings.preset)
  setTensorFlowEnvironment(settings)
  const { selectBackend } = await import('./backends/backend.ts')
  // A resumed run stays on its backend: on another the weights would come out slightly different.
  const choice = flags.backend === 'auto' && resumeFrom ? resumeFrom.backend : flags.backend
  const backend = await selectBackend(choice as BackendName | 'auto')
  if (resumeFrom && resumeFrom.backend !== backend.name)
    console.error(
      `the run was on ${resumeFrom.backend}; its end will not be the same to the bit on ${backend.name}`,
    )
  console.error(`backend ${backend.name}: ${backend.why}${backend.hint ? `. ${backend.hint}` : ''}`)
  if (!resumeFrom && existsSync(join(out, 'checkpoint.bin')))
    console.error(`${out} holds an earlier run, which this one overwrites (to continue it: --resume ${out})`)
  const result = await runTraining({
    settings,
    backend: backend.name,
    out,
    checkpointMinutes: flags.checkpointMinutes,
    resumeFrom,
    command: ['npm run train --', ...process.argv.slice(3)].join(' '),
  })
  if (result.stoppedBy === 'SIGINT') process.exitCode = 130
  if (result.stoppedBy === 'SIGTERM') process.exitCode = 143
}

/** The preset; without one `mnist`, unless the flags ask for other networks, an objective or data. */
function startingPoint(flags: Flags): RunSettings {
  if (flags.preset) return presets[flags.preset]!
  const own = flags.encoder || flags.decoder || flags.objective || flags.data
  return own ? defaultSettings(flags.objective ?? (flags.data ? 'rate-distortion' : 'ae')) : presets.mnist!
}

function applyFlags(base: RunSettings, flags: Flags): RunSettings {
  const settings = { ...base }
  const set = <K extends keyof RunSettings>(key: K, value: RunSettings[K] | undefined) => {
    if (value !== undefined) settings[key] = value
  }
  if (flags.encoder && flags.encoder !== base.encoder) settings.encoderWidths = null
  if (flags.decoder && flags.decoder !== base.decoder) settings.decoderWidths = null
  for (const key of [
    'epochs',
    'seed',
    'data',
    'limit',
    'validation',
    'encoder',
    'decoder',
    'encoderWidths',
    'decoderWidths',
    'latent',
    'linearPath',
    'objective',
    'roundedFrom',
    'levelsFrom',
    'precision',
    'batch',
    'patience',
  ] as const)
    set(key, flags[key])
  set('learningRate', flags.lr)
  if (flags.size || flags.grey)
    settings.size = { ...(flags.size ?? { height: 32, width: 32 }), channels: flags.grey ? 1 : 3 }
  if (flags.lambda) {
    settings.lambdas = [...flags.lambda].sort((a, b) => a - b)
    settings.levelShares = settings.lambdas.map(() => 1)
    settings.defaultLevel = Math.floor(settings.lambdas.length / 2)
  }
  if (flags.corruption || settings.objective === 'denoising') {
    const kind = (flags.corruption ?? settings.corruption?.kind ?? 'gaussian') as keyof typeof defaultAmount
    settings.corruption = { kind, amount: flags.corruptionAmount ?? defaultAmount[kind] }
  }
  return settings
}

function checkSettings({ objective, lambdas, levelShares, batch, latent, encoder, decoder }: RunSettings) {
  if (latent < 1) throw new Error(`--latent ${latent}: expected at least 1`)
  if (!families.includes(encoder) || !families.includes(decoder)) throw new Error('unknown family')
  if (objective !== 'rate-distortion') return
  if (!lambdas.length) throw new Error('rate-distortion needs --lambda, for instance --lambda 30,100,300')
  const shares = levelShares.reduce((a, b) => a + b, 0)
  if (batch % shares)
    throw new Error(`--batch ${batch} must be a multiple of the rate levels' ${shares} shares`)
}
