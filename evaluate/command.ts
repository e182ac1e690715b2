import { Command } from 'commander'
import { listOf, positiveNumber } from '../node/terminal/options.ts'
import type { EvaluateOptions } from './evaluate.ts'

export const evaluateCommand = new Command('evaluate')
  .description(
    "Measure a model on a test set or a folder of images, through the codec itself, beside today's codecs",
  )
  .requiredOption('--model <name|dir>', 'a shipped model, or a directory that train wrote')
  .option(
    '--data <name|dir>',
    'mnist, cifar10 (their test sets), or a folder of images (default: fits the model)',
  )
  .option('--out <dir>', 'where the summary goes, as rd-MODEL-DATA.json', 'results/rate-distortion')
  .option('--lines <file>', 'where the per-image JSON lines go (default: .cache/evaluate/MODEL-DATA.jsonl)')
  .option(
    '--max-bytes <list>',
    'also measure codes limited to these sizes, for instance 16,24,32',
    listOf(positiveNumber),
    [],
  )
  .option(
    '--limit <n>',
    'how many images to measure the model on, evenly spread (default: all)',
    positiveNumber,
  )
  .option(
    '--baseline-images <n>',
    'how many of them to send through the other codecs, evenly spread',
    positiveNumber,
    1000,
  )
  .option('--no-baselines', 'measure only the model')
  .option('--fresh', 'measure the other codecs again, even if their results for these images are cached')
  .option('--jobs <n>', 'worker threads for the other codecs (default: one per core)', positiveNumber)
  .action(async (options: EvaluateOptions) => {
    const { evaluate } = await import('./evaluate.ts')
    await evaluate(options)
  })
