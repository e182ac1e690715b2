import { Command, Option } from 'commander'
import { isImageExtension } from '../node/image-type.ts'
import { PIPE } from '../node/list-files.ts'
import { count, grouped } from '../node/terminal/format.ts'
import { decibels, positiveNumber, wholeNumber } from '../node/terminal/options.ts'
import { psnrDb } from '../shared/images/metrics.ts'
import { isCodesFile } from './codes-file/codes-file.ts'
import type { Compression } from './compress-task.ts'
import { type CompressFormat, compressFormats } from './formats.ts'
import { CODE_EXTENSIONS } from './inputs/read-code.ts'
import { listJobs } from './jobs/list-jobs.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { summarize } from './jobs/summary.ts'

interface CompressFlags {
  out?: string
  model?: string
  level?: number
  maxBytes?: number
  targetPsnr?: number
  format: CompressFormat
  force?: boolean
  jobs?: number
}

export const compressCommand = new Command('compress')
  .description(
    'Turn images into codes: PNG, JPEG, WebP, GIF, AVIF, TIFF, SVG, or raw samples of the model’s shape',
  )
  .argument('<paths...>', 'files, folders, or - for standard input')
  .option(
    '-o, --out <path>',
    'a file, a folder, a file of all codes (NAME.ndjson), or - for standard output (default: NAME.l64 beside each image)',
  )
  .option('--model <name|dir>', 'default: the model with exactly the image’s shape, else preview')
  .option('--max-bytes <n>', 'no code longer than this; the best picture that fits is chosen', positiveNumber)
  .option(
    '--target-psnr <dB>',
    'no picture worse than this; the shortest code that is good enough is chosen',
    decibels,
  )
  .addOption(
    new Option('--level <n>', 'rate level').argParser(wholeNumber).conflicts(['maxBytes', 'targetPsnr']),
  )
  .addOption(new Option('--format <name>', 'what to write').choices(compressFormats).default('binary'))
  .option('--force', 'overwrite existing files')
  .option('--jobs <n>', 'worker threads (default: one per core)', positiveNumber)
  .action(compressFiles)

async function compressFiles(paths: string[], flags: CompressFlags): Promise<void> {
  const startedMs = performance.now()
  const { out, model, format } = flags
  const options = { level: flags.level, maxBytes: flags.maxBytes, targetPsnrDb: flags.targetPsnr }
  const setup = { model, options, format }
  if (out !== undefined && isCodesFile(out)) {
    const { compressToCodesFile } = await import('./codes-file/compress-to-file.ts')
    const tally = await compressToCodesFile(paths, out, setup, flags)
    return summarize(tally, 'compressed', startedMs, describe)
  }
  const listed = await listJobs(paths, { out, extension: CODE_EXTENSIONS[format], accepts: isImageExtension })
  const tally = await runJobs<Compression>(listed, { task: 'compress', setup }, flags)
  if (listed.jobs[0]?.output !== PIPE) summarize(tally, 'compressed', startedMs, describe)
}

function describe(all: Compression[]): string {
  const done = all.filter(({ isUnchanged }) => !isUnchanged)
  const unchanged = all.length > done.length && `${count(all.length - done.length, 'image')} as before`
  const news = done.length > 0 && describeCodes(done)
  return [unchanged, news].filter(Boolean).join('; ')
}

function describeCodes(done: Compression[]): string {
  const total = (of: (each: Compression) => number) => done.reduce((sum, each) => sum + of(each), 0)
  const imageBytes = total((each) => each.inputBytes)
  const codeBytes = total((each) => each.codeBytes)
  const quality = psnrDb(total((each) => each.mse) / done.length)
  return [
    count(done.length, 'image'),
    `${count(imageBytes, 'byte')} -> ${grouped(codeBytes)}`,
    `${(codeBytes / done.length).toFixed(1)} bytes per image`,
    `${quality.toFixed(2)} dB`,
  ].join(', ')
}
