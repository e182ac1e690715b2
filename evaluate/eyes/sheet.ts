/**
 * Placeholders side by side at about equal bytes, each drawn as a page draws it, and the smallest WebP, which takes
 * several times as many.
 *
 *     node evaluate/eyes/sheet.ts --data edge/page/front/gallery/photos
 */
import { join, resolve } from 'node:path'
import { decode as drawBlurHash, encode as encodeBlurHash } from 'blurhash'
import { Command } from 'commander'
import sharp from 'sharp'
import { writeWhole } from '../../node/atomic-write.ts'
import { listFiles } from '../../node/list-files.ts'
import { findModel } from '../../node/model-directory.ts'
import { positiveNumber } from '../../node/terminal/options.ts'
import { blurHashBytes } from '../baselines/hashes.ts'
import { captionSvg } from '../contact-sheet.ts'
import { evenly } from '../data-set.ts'
import { allPlaceholders, type Drawn, type Original, type Placeholder } from './placeholders.ts'

/** In pixels: a picture's long side, the gap between two, and the height of a caption. */
const [LONG_SIDE, GAP, CAPTION] = [192, 12, 34]
const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(ROOT, 'results', 'contact-sheets', 'placeholders.webp')
const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp'])

const blurHash: Placeholder = {
  codec: 'BlurHash',
  setting: '4x3',
  async draw({ width, height, rgba }) {
    const hash = encodeBlurHash(new Uint8ClampedArray(rgba), width, height, 4, 3)
    const data = new Uint8Array(drawBlurHash(hash, 32, 32))
    return { bytes: blurHashBytes(hash), width: 32, height: 32, channels: 4, data }
  },
}

const leastWebp: Placeholder = {
  codec: 'WebP, its least',
  setting: '16 px',
  async draw({ width, height, rgba }) {
    const small = sharp(rgba, { raw: { width, height, channels: 4 } }).resize(16, 16, { fit: 'inside' })
    const webp = await small.removeAlpha().webp({ quality: 1 }).toBuffer()
    const { data, info } = await sharp(webp).raw().toBuffer({ resolveWithObject: true })
    return { bytes: webp.length, width: info.width, height: info.height, channels: 3, data }
  },
}

async function read(file: string): Promise<Original> {
  const size = { width: LONG_SIDE, height: LONG_SIDE, fit: 'inside' } as const
  const image = sharp(file).autoOrient().flatten({ background: 'white' }).resize(size).ensureAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: data }
}

/** Enlarged smoothly to the photograph's size. */
const picture = ({ data, width, height, channels }: Drawn, to: Original) =>
  sharp(data, { raw: { width, height, channels } })
    .flatten({ background: 'white' })
    .resize({ width: to.width, height: to.height, fit: 'fill', kernel: 'cubic' })
    .png()
    .toBuffer()

async function row(original: Original, placeholders: Placeholder[], top: number) {
  const { width, height, rgba } = original
  const photograph = { bytes: 0, width, height, channels: 4 as const, data: rgba }
  const drawn = [photograph, ...(await Promise.all(placeholders.map((each) => each.draw(original))))]
  const names = ['photograph', ...placeholders.map(({ codec }) => codec)]
  return Promise.all(
    drawn.map(async (each, column) => {
      const left = GAP + column * (LONG_SIDE + GAP)
      const lines = [names[column], column === 0 ? '' : `${Math.round(each.bytes)} B`]
      return [
        { input: await picture(each, original), left, top },
        { input: captionSvg(lines, width), left, top: top + height },
      ]
    }),
  )
}

async function run({ data, bytes, images, model, out }: Options): Promise<void> {
  const found = await listFiles(resolve(data), (extension) => EXTENSIONS.has(extension))
  const ours = await allPlaceholders(findModel(model).directory, [bytes], [0])
  const placeholders = [...ours, blurHash, leastWebp]
  const layers = []
  let top = GAP
  for (const at of evenly(found.length, images)) {
    const original = await read(found[at].input)
    layers.push(...(await row(original, placeholders, top)).flat())
    top += original.height + CAPTION
  }
  const width = GAP + (placeholders.length + 1) * (LONG_SIDE + GAP)
  const canvas = sharp({ create: { width, height: top, channels: 3, background: 'white' } })
  await writeWhole(out, await canvas.composite(layers).webp({ quality: 90, effort: 6 }).toBuffer())
  console.log(out)
}

interface Options {
  data: string
  bytes: number
  images: number
  model: string
  out: string
}

await new Command('sheet')
  .requiredOption('--data <dir>', 'a folder of photographs')
  .option('--bytes <n>', 'limit for ours; ThumbHash and ChromaHash take at least 21', positiveNumber, 21)
  .option('--images <n>', 'how many photographs, evenly spread over the folder', positiveNumber, 6)
  .option('--model <name|dir>', 'a preview', 'preview')
  .option('--out <file>', 'a WebP', OUT)
  .action(run)
  .parseAsync()
