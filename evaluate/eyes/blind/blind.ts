/**
 * Makes a page for a blind comparison: a photograph, two placeholders of it, one question. Nothing in the page says
 * which is whose; the key is in a file beside it, and tally.ts joins it with the results that the page saves as JSON.
 *
 *     node evaluate/eyes/blind/blind.ts --data FOLDER --out blind      # blind/index.html, blind/key.json
 *     node evaluate/eyes/blind/tally.ts --key blind/key.json results-*.json
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import sharp from 'sharp'
import { writeJson, writeWhole } from '../../../node/atomic-write.ts'
import { listFiles } from '../../../node/list-files.ts'
import { findModel } from '../../../node/model-directory.ts'
import { positiveNumber } from '../../../node/terminal/options.ts'
import { evenly } from '../../data-set.ts'
import { allPlaceholders, type Drawn, type Original, type Placeholder } from '../placeholders.ts'
import type { Key } from './key.ts'

const LONG_SIDE = 384
const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.avif', '.tif', '.tiff'])

interface Options {
  data: string
  model: string
  bytes: number
  images: number
  out: string
}

/** The page's data, which contains no names of codecs. */
interface Trial {
  id: string
  photograph: string
  left: string
  right: string
}

async function run({ data, model, bytes, images, out }: Options): Promise<void> {
  const found = await listFiles(resolve(data), (extension) => EXTENSIONS.has(extension))
  const files = evenly(found.length, Math.min(images, found.length)).map((i) => found[i].input)
  const [ours, ...others] = await allPlaceholders(findModel(model).directory, [bytes], [1])
  const trials: Trial[] = []
  const key: Key = { kind: 'blind-key', trials: {} }
  for (const [i, file] of files.entries()) {
    const original = await read(file)
    const photograph = await webpOf(original)
    for (const [at, other] of others.entries()) {
      const id = createHash('sha256').update(`${i} ${at}`).digest('hex').slice(0, 8)
      const pair = Number.parseInt(id[0], 16) % 2 === 0 ? [ours, other] : [other, ours]
      const [left, right] = [await pictureOf(pair[0], original), await pictureOf(pair[1], original)]
      trials.push({ id, photograph, left: left.url, right: right.url })
      key.trials[id] = { left: left.named, right: right.named }
    }
  }
  trials.sort((a, b) => a.id.localeCompare(b.id)) // shuffles them, so that photographs and codecs alternate
  const page = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8')
  const json = JSON.stringify({ trials }).replaceAll('<', '\\u003c')
  await writeWhole(
    join(out, 'index.html'),
    page.replace('{ "trials": [] }', () => json),
  )
  await writeJson(join(out, 'key.json'), key)
  console.log(
    `${join(out, 'index.html')}: ${trials.length} comparisons; keep ${join(out, 'key.json')} to yourself`,
  )
}

async function read(file: string): Promise<Original> {
  const { data, info } = await sharp(file)
    .autoOrient()
    .flatten({ background: 'white' })
    .resize({ width: LONG_SIDE, height: LONG_SIDE, fit: 'inside' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: data }
}

async function pictureOf(placeholder: Placeholder, original: Original) {
  const drawn = await placeholder.draw(original)
  const { codec, setting } = placeholder
  return { url: await enlarged(drawn, original), named: { codec, setting, bytes: drawn.bytes } }
}

/** Enlarges smoothly, as browsers do. All have the same size and format, which give nothing away. */
async function enlarged({ data, width, height, channels }: Drawn, to: Original): Promise<string> {
  const picture = sharp(data, { raw: { width, height, channels } }).flatten({ background: 'white' })
  const size = { width: to.width, height: to.height, fit: 'fill', kernel: 'cubic' } as const
  return urlOf(await picture.resize(size).webp({ quality: 95 }).toBuffer())
}

const webpOf = async ({ rgba, width, height }: Original) =>
  urlOf(
    await sharp(rgba, { raw: { width, height, channels: 4 } })
      .webp({ quality: 85 })
      .toBuffer(),
  )

const urlOf = (webp: Buffer) => `data:image/webp;base64,${webp.toString('base64')}`

await new Command('blind')
  .description('A blind comparison of placeholders, as a page of static HTML')
  .requiredOption('--data <dir>', 'a folder of photographs that no model was trained on')
  .option('--model <name|dir>', 'a preview', 'preview')
  .option('--bytes <n>', 'limit for ours', positiveNumber, 24)
  .option('--images <n>', 'how many photographs, evenly spread', positiveNumber, 12)
  .option('--out <dir>', 'where the page and its key go', 'blind')
  .action(run)
  .parseAsync()
