/**
 * Puts the figures of results/*.json into README.md and the docs, between `<!-- figures:NAME -->` marks.
 *
 *     npm run figures             writes them
 *     npm run figures -- --check  fails if they differ from results/
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bulkCost, bulkSpeed } from '../bench/bulk/figures.ts'
import type { Report } from '../bench/edge/report.ts'
import { longSpeedTable } from '../bench/long-codes/figures.ts'
import { decodersTable, packageWeight, platformCosts } from '../bench/package/figures.ts'
import type { CostResults } from '../bench/worst/table.ts'
import { everyRateTable, modelSizesTable, sizesTable, tableCostTable } from '../evaluate/curves/figures.ts'
import { eyesTable } from '../evaluate/eyes/figures.ts'
import { longCodesTable } from '../evaluate/long-codes/figures.ts'
import type { Point, RateDistortion } from '../evaluate/results-schema.ts'
import { type Manifest, MODEL_PATHS } from '../shared/manifest.ts'

const ROOT = join(import.meta.dirname, '..')
const read = <T>(file: string): T | undefined => {
  const path = join(ROOT, 'results', file)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined
}

interface BenchTrain {
  machine: { cpu: string; cores: number }
  textbook: {
    backend: string
    batch: number
    secondsPerEpoch: number
    pytorchSecondsPerEpoch: number
    ratio: number
  }[]
  timeToQuality?: {
    target: { psnrDb: number; idealBytes: number }
    tensorflow: { seconds: number }
    pytorch: { seconds: number }
    ratio: number
  }
}

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const SETS = [
  {
    file: 'rd-mnist-mnist.json',
    title: "MNIST's 10,000 test digits, 28x28",
    sheet: 'contact-sheets/contact-sheet-mnist-mnist.png',
    others: ['ThumbHash', 'BlurHash', 'WebP', 'JPEG', 'AVIF', 'PNG'],
  },
  {
    file: 'rd-preview-cifar10.json',
    title: "CIFAR-10's 10,000 test photographs, 32x32 (trained on its training set)",
    sheet: '',
    others: ['ThumbHash', 'BlurHash', 'WebP', 'JPEG', 'AVIF', 'PNG'],
  },
  {
    file: 'rd-preview-kodak.json',
    title: 'The 24 Kodak photographs, brought to 32x32: never trained on',
    sheet: 'contact-sheets/placeholders.webp',
    others: ['ThumbHash', 'BlurHash', 'WebP', 'JPEG', 'AVIF', 'PNG'],
  },
]

function smallestOf(points: Point[], codec: string): Point | undefined {
  return points
    .filter((point) => point.codec.toLowerCase().startsWith(codec.toLowerCase()))
    .toSorted((a, b) => a.bytes.total - b.bytes.total)[0]
}

const isOurs = (point: Point) => point.codec === 'Latent64'

function defaultPoint(result: RateDistortion): Point {
  const manifest = JSON.parse(
    readFileSync(join(ROOT, 'models', result.model!.name, 'manifest.json'), 'utf8'),
  ) as Manifest
  if (manifest.id !== result.model!.id)
    throw new Error(
      `results are of ${result.model!.name} ${result.model!.id}, shipped is ${manifest.id}: run npm run evaluate`,
    )
  return result.points.find((point) => isOurs(point) && point.setting === `level ${manifest.defaultLevel}`)!
}

function quality(): string {
  return SETS.flatMap(({ file, title, others }) => {
    const result = read<RateDistortion>(`rate-distortion/${file}`)
    if (!result) return []
    const ours = defaultPoint(result)
    const rows = [ours, ...others.flatMap((codec) => smallestOf(result.points, codec) ?? [])].map((point) => [
      isOurs(point) ? `**Latent64 \`${result.model?.name}\`**, default` : `${point.codec} ${point.setting}`,
      point.bytes.total.toFixed(1),
      point.psnrDb.toFixed(2),
      point.ssim.toFixed(3),
      point.lumaPsnrDb ? `${point.lumaPsnrDb.toFixed(2)} / ${point.chromaPsnrDb!.toFixed(2)}` : '',
    ])
    const plot = `results/plots/${file.replace('.json', '-psnr.svg')}`
    return [
      `${title}; means, everything included (${file}):`,
      table(['codec, at its smallest', 'bytes', 'PSNR dB', 'SSIM', 'luma / chroma dB'], rows),
      `![PSNR over bytes](${plot})`,
    ]
  }).join('\n\n')
}

function headline(): string {
  return SETS.flatMap(({ file, sheet }) => {
    const result = read<RateDistortion>(`rate-distortion/${file}`)
    if (!result) return []
    const { bytes, psnrDb, ssim } = defaultPoint(result)
    const line = `\`${result.model?.name}\`: **${psnrDb.toFixed(2)} dB at ${bytes.total.toFixed(1)} bytes** per image, SSIM ${ssim.toFixed(3)} (${result.data.images} ${result.data.name} test images, everything included)`
    return sheet && existsSync(join(ROOT, 'results', sheet))
      ? [line, `![Originals, and what each codec makes of them in the bytes given below](results/${sheet})`]
      : [line]
  }).join('\n\n')
}

function training(): string {
  const result = read<BenchTrain>('bench-train.json')
  if (!result) return ''
  const rows = result.textbook.map(({ backend, batch, secondsPerEpoch, pytorchSecondsPerEpoch, ratio }) => [
    backend,
    String(batch),
    secondsPerEpoch.toFixed(2),
    pytorchSecondsPerEpoch.toFixed(2),
    ratio.toFixed(2),
  ])
  const { timeToQuality: time } = result
  const line = time
    ? `\n\nTo ${time.target.psnrDb} dB at ${time.target.idealBytes} bytes of ideal payload on MNIST, data and PCA start included: ${time.tensorflow.seconds.toFixed(0)} s, PyTorch ${time.pytorch.seconds.toFixed(0)} s (${time.ratio.toFixed(2)} times).`
    : ''
  return `The textbook's autoencoder beside PyTorch, ${result.machine.cores} cores (\`npm run bench:train\`):\n\n${table(['backend', 'batch', 's per epoch', 'PyTorch', 'ratio'], rows)}${line}`
}

function speed(): string {
  const result = read<Report>('bench-edge.json')
  if (!result) return ''
  const shown =
    /^(echo raw|(de)?compress (raw to code|code to raw|PNG to code|code to PNG|batch of 64 to JSON))$/
  const wanted = result.requests.filter(({ name }) => shown.test(name))
  const rows = wanted.map(({ model, name, cpuUs, timesEcho, beyondEchoUsPerImage }) => [
    model,
    name,
    cpuUs.toFixed(0),
    timesEcho?.toFixed(2) ?? '',
    beyondEchoUsPerImage?.toFixed(0) ?? '',
  ])
  return `CPU of raw workerd, one isolate, medians (\`npm run bench:edge\`):\n\n${table(['model', 'request', 'CPU us', 'x echo', 'us per image beyond echo'], rows)}`
}

type Table = (head: string[], rows: string[][]) => string

/** A figure whose code is beside the program that makes its results; '' while there are none. */
function from<T>(file: string, figure: (result: T, table: Table) => string): string {
  const result = read<T>(file)
  return result ? figure(result, table) : ''
}

function platform(): string {
  const worst = read<CostResults>('costs.json')
  return worst?.after ? from('bench-edge.json', (edge: Report) => platformCosts(edge, worst, table)) : ''
}

/** Memory that each shipped model takes in the worker once it is used, from its files. */
function modelSizes() {
  const size = (...names: string[]) =>
    statSync(join(ROOT, 'models', ...names), { throwIfNoEntry: false })?.size ?? 0
  return ['preview', 'photo', 'mnist'].map((name) => ({
    name,
    encoder: size(name, MODEL_PATHS.encoder.weights),
    decoder: size(name, MODEL_PATHS.decoder.weights) + size(name, MODEL_PATHS.preview),
    tables: size(name, MODEL_PATHS.tables),
  }))
}

const longCodesOf = (longSide: number) =>
  from(`rate-distortion/long-codes-kodak-${longSide}.json`, longCodesTable)

const figures: Record<string, () => string> = {
  ...{ headline, quality, training, speed },
  everyRate: () => from('every-rate.json', everyRateTable),
  sizes: () => from('sizes.json', sizesTable),
  tableCost: () => from('table-cost.json', tableCostTable),
  modelSizes: () => modelSizesTable(modelSizes(), table),
  bulk: () => from('bulk.json', bulkSpeed),
  bulkCost: () => from('bulk.json', bulkCost),
  decoders: () => from('package-sizes.json', decodersTable),
  packageWeight: () => from('package-sizes.json', packageWeight),
  platform,
  eyes: () => from('eyes/eyes-kodak.json', eyesTable),
  eyesLong: () => from('eyes/eyes-long-kodak.json', eyesTable),
  longSpeed: () => from('bench-long.json', longSpeedTable),
  longCodes256: () => longCodesOf(256).replaceAll('../results', 'results'),
  longCodes: () => [256, 768].map(longCodesOf).filter(Boolean).join('\n\n'),
}

function fill(text: string): string {
  return text.replace(/(<!-- figures:(\w+) -->\n)[\s\S]*?(<!-- \/figures -->)/g, (_, open, name, close) => {
    const figure = figures[name]()
    return `${open}${figure ? `${figure}\n` : ''}${close}`
  })
}

const PAGES = [
  ...['README.md', 'docs/evaluation.md', 'docs/bulk.md', 'docs/long-codes.md'],
  ...['docs/use/compared.md', 'docs/use/costs.md', 'docs/use/node.md'],
]
for (const page of PAGES) {
  const path = join(ROOT, page)
  const before = readFileSync(path, 'utf8')
  const after = fill(before)
  if (!process.argv.includes('--check')) writeFileSync(path, after)
  else if (after !== before) throw new Error(`${page} has other figures than results/: run npm run figures`)
}
