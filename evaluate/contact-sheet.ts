/**
 * Pictures side by side, each with its own bytes and PSNR: the original; Latent64, ThumbHash and BlurHash at about
 * equal bytes; and the smallest WebP and JPEG, which take several times as many.
 *
 *     node evaluate/contact-sheet.ts --model photo --data DIR --bytes 24
 */
import { basename, join } from 'node:path'
import { Command } from 'commander'
import sharp from 'sharp'
import { writeWhole } from '../node/atomic-write.ts'
import { positiveNumber } from '../node/terminal/options.ts'
import { compress } from '../shared/codec/codec.ts'
import { UnreachableRateError } from '../shared/codec/errors.ts'
import type { Model } from '../shared/codec/model.ts'
import { mse, psnrDb } from '../shared/images/metrics.ts'
import type { ImageShape } from '../shared/manifest.ts'
import { blurHashSetting, thumbHash } from './baselines/hashes.ts'
import { jpeg, webp } from './baselines/sharp-codecs.ts'
import { evenly, imageOf, openTestSet } from './data-set.ts'
import { openNamedModel } from './open-model.ts'

/** On the sheet, in pixels. */
const SCALE = 4
const GAP = 12
const CAPTION = 34

interface Cell {
  codec: string
  bytes?: number
  samples: Uint8Array
}

async function cellsOf(model: Model, original: Uint8Array, maxBytes: number): Promise<Cell[]> {
  const { input } = model.manifest
  const through = async (
    codec: string,
    setting: { code(samples: Uint8Array): Promise<{ bytes: number; samples: Uint8Array }> },
  ) => {
    const { bytes, samples } = await setting.code(original)
    return { codec, bytes, samples }
  }
  return [
    { codec: 'original', bytes: original.length, samples: original },
    latent64Cell(model, original, maxBytes),
    await through('ThumbHash', thumbHash.settings(input)[0]),
    await through('BlurHash', blurHashSetting(input, 4, 3)),
    await through('WebP, its least', webp.settings(input)[0]),
    await through('JPEG, its least', jpeg.settings(input)[0]),
  ]
}

/** The finest level that fits, or the coarsest if none does. */
function latent64Cell(model: Model, original: Uint8Array, maxBytes: number): Cell {
  try {
    const { code, samples } = compress(model, original, { maxBytes })
    return { codec: 'Latent64', bytes: code.length, samples }
  } catch (error) {
    if (!(error instanceof UnreachableRateError)) throw error
    const { code, samples } = compress(model, original, { level: 0 })
    return { codec: 'Latent64', bytes: code.length, samples }
  }
}

async function enlarged(samples: Uint8Array, { width, height, channels }: ImageShape): Promise<Buffer> {
  return sharp(samples, { raw: { width, height, channels } })
    .resize(width * SCALE, height * SCALE, { kernel: 'nearest' })
    .png()
    .toBuffer()
}

export function captionSvg(lines: string[], width: number): Buffer {
  const text = lines
    .map((line, i) => `<text x="50%" y="${14 + 15 * i}" text-anchor="middle">${line}</text>`)
    .join('')
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="#333">${text}</svg>`,
  )
}

/** rows [image][codec] -> one PNG on white. */
async function drawSheet(rows: Cell[][], shape: ImageShape): Promise<Buffer> {
  const [wide, tall] = [shape.width * SCALE, shape.height * SCALE]
  const corner = (row: number, column: number) => ({
    left: GAP + column * (wide + GAP),
    top: GAP + row * (tall + CAPTION),
  })
  const layers = rows.flatMap((cells, row) =>
    cells.map(async ({ codec, bytes, samples }, column) => {
      const { left, top } = corner(row, column)
      const error = mse(cells[0].samples, samples)
      const detail =
        column === 0 ? `${bytes} samples` : `${Math.round(bytes!)} B, ${psnrDb(error).toFixed(1)} dB`
      return [
        { input: await enlarged(samples, shape), left, top },
        { input: captionSvg([codec, detail], wide), left, top: top + tall },
      ]
    }),
  )
  const { left, top } = corner(rows.length, rows[0].length)
  const canvas = sharp({ create: { width: left, height: top, channels: 3, background: 'white' } })
  return canvas
    .composite((await Promise.all(layers)).flat())
    .png({ palette: true, quality: 95, effort: 10 })
    .toBuffer()
}

interface SheetOptions {
  model: string
  data: string
  bytes: number
  images: number
  out?: string
}

async function run({ model: name, data, bytes, images, out }: SheetOptions): Promise<void> {
  const { model } = await openNamedModel(name)
  const set = await openTestSet(data, model.manifest.input)
  const rows: Cell[][] = []
  for (const index of evenly(set.names.length, images))
    rows.push(await cellsOf(model, imageOf(set, index), bytes))
  const path =
    out ?? join('results/contact-sheets', `contact-sheet-${model.manifest.name}-${basename(set.name)}.png`)
  await writeWhole(path, await drawSheet(rows, set.shape))
  console.log(path)
}

if (process.argv[1] === import.meta.filename)
  await new Command('contact-sheet')
    .requiredOption('--model <name|dir>')
    .requiredOption('--data <name|dir>', 'mnist, cifar10 (their test sets), or a folder of images')
    .option('--bytes <n>', 'limit for Latent64, everything included', positiveNumber, 24)
    .option('--images <n>', 'how many images, evenly spread over the set', positiveNumber, 8)
    .option('--out <file>', 'default: results/contact-sheets/contact-sheet-MODEL-DATA.png')
    .action(run)
    .parseAsync()
