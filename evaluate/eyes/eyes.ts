/**
 * Scores placeholders by metrics that follow human perception, drawn at a long side of 512 pixels.
 *
 *     apt-get install libjxl-devtools          # butteraugli_main
 *     npm run setup:eyes
 *     node evaluate/eyes/eyes.ts --data FOLDER
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { Command } from 'commander'
import sharp from 'sharp'
import { writeJson } from '../../node/atomic-write.ts'
import { listFiles } from '../../node/list-files.ts'
import { findModel } from '../../node/model-directory.ts'
import { rounded } from '../rounded.ts'
import { allPlaceholders, type Original } from './placeholders.ts'

const LONG_SIDE = 512
const root = join(import.meta.dirname, '..', '..')
const cache = join(root, '.cache', 'eyes')
const PYTHON = join(cache, 'venv', 'bin', 'python')
const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.avif', '.tif', '.tiff'])

interface Score {
  name: string
  [metric: string]: number | string
}

interface Options {
  model: string
  data: string
  bytes: number[]
  tiers: number[]
  every: number
  out?: string
}

const numbers = (text: string) => text.split(',').map(Number)

async function run({ model, data, bytes, tiers, every, out }: Options): Promise<void> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: npm run setup:eyes makes it`)
  const listed = await listFiles(resolve(data), (extension) => EXTENSIONS.has(extension))
  const files = listed.filter((_, i) => i % every === 0)
  rmSync(join(cache, 'pictures'), { recursive: true, force: true })
  const originals = await Promise.all(files.map(({ input }, i) => reference(input, i)))
  const points = []
  for (const placeholder of await allPlaceholders(findModel(model).directory, bytes, tiers)) {
    const folder = join(cache, 'pictures', `${placeholder.codec} ${placeholder.setting}`)
    mkdirSync(folder, { recursive: true })
    let total = 0
    for (const [i, original] of originals.entries()) {
      const drawn = await placeholder.draw(original)
      total += drawn.bytes
      const { width, height, channels } = drawn
      const picture = sharp(drawn.data, { raw: { width, height, channels } })
      await picture
        .flatten({ background: 'white' })
        .removeAlpha()
        .png()
        .toFile(join(folder, nameOf(i)))
    }
    const { codec, setting } = placeholder
    const point = { codec, setting, bytes: total / originals.length, ...meansOf(scores(folder)) }
    console.log(JSON.stringify(point, rounded))
    points.push(point)
  }
  const result = {
    kind: 'eyes',
    data: basename(resolve(data)).toLowerCase(),
    images: files.length,
    longSide: LONG_SIDE,
    points,
  }
  const path = out ?? join(root, 'results', 'eyes', `eyes-${result.data}.json`)
  await writeJson(path, result, rounded)
  console.log(path)
}

const nameOf = (i: number) => `${String(i).padStart(4, '0')}.png`

/** The photograph at the requested long side, also as a PNG for score.py. */
async function reference(file: string, i: number): Promise<Original> {
  const folder = join(cache, 'pictures', 'references')
  mkdirSync(folder, { recursive: true })
  const size = { width: LONG_SIDE, height: LONG_SIDE, fit: 'inside' } as const
  const image = sharp(file).autoOrient().flatten({ background: 'white' }).resize(size).toColourspace('srgb')
  await image
    .clone()
    .png()
    .toFile(join(folder, nameOf(i)))
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: data }
}

function scores(folder: string): Score[] {
  const script = join(root, 'evaluate', 'eyes', 'score.py')
  const lines = execFileSync(PYTHON, [script, join(cache, 'pictures', 'references'), folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Score)
}

function meansOf(all: Score[]): Record<string, number> {
  const metrics = Object.keys(all[0]).filter((key) => key !== 'name')
  const mean = (metric: string) => all.reduce((sum, score) => sum + (score[metric] as number), 0) / all.length
  return Object.fromEntries(metrics.map((metric) => [metric, mean(metric)]))
}

await new Command('eyes')
  .description('Score placeholders by CIEDE2000, SSIMULACRA2, Butteraugli, SSIM and PSNR at 512 pixels')
  .requiredOption('--data <dir>', 'a folder of photographs')
  .option('--model <name|dir>', 'a preview', 'preview')
  .option('--bytes <list>', 'limits for ours', numbers, [21, 24, 32])
  .option('--tiers <list>', "ChromaHash's quality tiers", numbers, [0, 1, 2])
  .option('--every <n>', 'only every nth photograph', Number, 1)
  .option('--out <file>', 'default: results/eyes/eyes-DATA.json')
  .action(run)
  .parseAsync()
