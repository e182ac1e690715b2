/**
 * `npm run bench:cli`: `latent64 compress` on a folder of photographs beside ThumbHash through sharp, as whole
 * processes, in turn. Prints medians of wall-clock seconds. First verifies that each photograph has a code, and that it
 * is the codec's own.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import sharp from 'sharp'
import { median } from '../../evaluate/median.ts'
import { writeJson } from '../../node/atomic-write.ts'
import { endWithNpm } from '../../node/lifecycle.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { openImage } from '../../node/open-image.ts'
import { listOf, positiveNumber } from '../../node/terminal/options.ts'
import { compress } from '../../shared/codec/codec.ts'

const root = join(import.meta.dirname, '..', '..')
const options = new Command('npm run bench:cli --')
  .description('The CLI beside a loop over sharp and ThumbHash, on folders of photographs.')
  .option('--images <dir>', "photographs to copy (default: the page's examples, cropped to 1024x768)")
  .option('--counts <list>', 'photographs in a run', listOf(positiveNumber), [60, 1000])
  .option('--model <name>', 'ours', 'preview')
  .option('--rounds <n>', 'runs of each side, in turn', positiveNumber, 5)
  .option('--out <file>', 'what to write', join(root, 'results', 'bench-cli.json'))
  .parse()
  .opts<{ images?: string; counts: number[]; model: string; rounds: number; out: string }>()

const scratch = mkdtempSync(join(tmpdir(), 'latent64-bench-cli-'))
const sides: Record<'latent64' | 'thumbhash', (folder: string, out: string) => string[]> = {
  latent64: (folder, out) => [
    ...[join(root, 'cli', 'latent64.mjs'), 'compress', folder, '--out', out, '--model', options.model],
  ],
  thumbhash: (folder, out) => [join(import.meta.dirname, 'thumbhash.mjs'), folder, out],
}

/** Makes a folder of this many photographs by copying those there are. */
async function photographs(count: number): Promise<string> {
  const folder = join(scratch, `images-${count}`)
  mkdirSync(folder)
  const sources = options.images ? filesIn(options.images) : await examples()
  for (let i = 0; i < count; i++) cpSync(sources[i % sources.length], join(folder, `${i}.jpg`))
  return folder
}

const filesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .map((name) => join(folder, name))

async function examples(): Promise<string[]> {
  const made = filesIn(join(root, 'edge', 'page', 'examples')).map(async (file, i) => {
    const path = join(scratch, `example-${i}.jpg`)
    await sharp(file).resize(1024, 768, { fit: 'cover' }).jpeg({ quality: 90 }).toFile(path)
    return path
  })
  return Promise.all(made)
}

function run(side: keyof typeof sides, folder: string): number {
  const out = join(scratch, 'out')
  rmSync(out, { recursive: true, force: true })
  const startedMs = performance.now()
  execFileSync(process.execPath, sides[side](folder, out), { stdio: ['ignore', 'ignore', 'ignore'] })
  return (performance.now() - startedMs) / 1000
}

async function verify(folder: string): Promise<void> {
  const model = await loadModelDirectory(findModel(options.model).directory)
  const names = readdirSync(folder)
  for (const side of ['thumbhash', 'latent64'] as const) {
    run(side, folder)
    const made = readdirSync(join(scratch, 'out')).length
    if (made !== names.length) throw new Error(`${side}: ${made} results of ${names.length} photographs`)
  }
  const name = names[0]
  const image = (await openImage(new Uint8Array(readFileSync(join(folder, name)))))!
  const samples = await image.samplesAs(model.manifest.input)
  const { code } = compress(model, samples, image.shape)
  if (Buffer.compare(code, readFileSync(join(scratch, 'out', name.replace(/jpg$/, 'l64')))) !== 0)
    throw new Error(`${name}: another code than the codec's`)
}

async function measure(count: number, rounds: number) {
  const folder = await photographs(count)
  await verify(folder)
  const seconds = { latent64: [] as number[], thumbhash: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const side of ['latent64', 'thumbhash'] as const) seconds[side].push(run(side, folder))
  const [ours, theirs] = [median(seconds.latent64), median(seconds.thumbhash)]
  return { images: count, latent64Seconds: ours, thumbhashSeconds: theirs, ratio: ours / theirs }
}

async function main(): Promise<void> {
  const { rounds } = options
  const runs = []
  for (const count of options.counts) runs.push(await measure(count, rounds))
  console.table(runs)
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
  const result = { format: 1, kind: 'bench-cli', machine, rounds, model: options.model, runs }
  await writeJson(options.out, result)
}

endWithNpm()
await main().finally(() => rmSync(scratch, { recursive: true }))
