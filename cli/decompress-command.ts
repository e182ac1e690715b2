import { Command, Option } from 'commander'
import { PIPE } from '../node/list-files.ts'
import { count } from '../node/terminal/format.ts'
import { positiveNumber } from '../node/terminal/options.ts'
import { expandCodesFile } from './codes-file/expand.ts'
import type { Decompression } from './decompress-task.ts'
import { type DecompressFormat, decompressFormats, type OutputSize, outputSize } from './formats.ts'
import { isCodeExtension } from './inputs/read-code.ts'
import { listJobs } from './jobs/list-jobs.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { summarize } from './jobs/summary.ts'

interface DecompressFlags {
  out?: string
  model?: string
  format: DecompressFormat
  size: OutputSize
  force?: boolean
  jobs?: number
}

export const decompressCommand = new Command('decompress')
  .description('Turn codes (their bytes, base64url, or the JSON that compress prints) into pictures')
  .argument('<paths...>', 'files, folders, codes themselves (base64url), or - for standard input')
  .option(
    '-o, --out <path>',
    'a file, a folder, or - for standard output (default: beside each code, as NAME.png)',
  )
  .option('--model <dir>', 'a directory with the model that the codes name, if it is not a shipped one')
  .addOption(new Option('--format <name>', 'what to write').choices(decompressFormats).default('png'))
  .addOption(
    new Option('--size <size>', 'model (its own), original (the image’s), or WIDTHxHEIGHT')
      .argParser(outputSize)
      .default('model' as OutputSize),
  )
  .option('--force', 'overwrite existing files')
  .option('--jobs <n>', 'worker threads (default: one per core)', positiveNumber)
  .action(decompressFiles)

async function decompressFiles(paths: string[], flags: DecompressFlags): Promise<void> {
  const startedMs = performance.now()
  const { model, format, size } = flags
  const listed = await listJobs(paths, {
    out: flags.out,
    extension: `.${format}`,
    accepts: isCodeExtension,
    expand: (path) => expandCodesFile(path, flags.out),
  })
  const tally = await runJobs<Decompression>(
    listed,
    { task: 'decompress', setup: { model, format, size } },
    flags,
  )
  if (listed.jobs[0]?.output !== PIPE) summarize(tally, 'decompressed', startedMs, describe)
}

function describe(done: Decompression[]): string {
  const bytes = done.reduce((sum, each) => sum + each.codeBytes, 0)
  return `${count(done.length, 'code')}, ${count(bytes, 'byte')}`
}
