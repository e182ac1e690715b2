/**
 * Long codes beside WebP, AVIF and JPEG at equal bytes, on a folder of photographs:
 *
 *     node evaluate/long-codes/long-codes.ts --data ./kodak --long-side 256 [--budgets 64,128,256] [--no-baselines]
 *
 * Writes results/rate-distortion/long-codes-DATA-SIDE.json and results/plots/long-codes-DATA-SIDE.svg.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { listGridModels, loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { scaleFor } from '../../shared/grid/grid-code.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import type { Picture } from '../../shared/grid/pictures.ts'
import { psnrDb } from '../../shared/images/metrics.ts'
import { softwareVersions } from '../software.ts'
import { BUDGET_CODECS, bestWithin } from './budget-codecs.ts'
import { plotLongCodes } from './plot-long-codes.ts'
import type { LongCodesResult } from './results.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    'long-side': { type: 'string', default: '256' },
    budgets: { type: 'string', default: '64,96,128,192,256,384,512,768,1024,2048' },
    preview: { type: 'string', default: 'preview' },
    out: { type: 'string', default: 'results' },
    'no-baselines': { type: 'boolean', default: false },
  },
})
if (values.data === undefined) throw new Error('expected --data DIR, a folder of photographs')
const budgets = values.budgets.split(',').map(Number)
const longSide = Number(values['long-side'])

const files = readdirSync(values.data)
  .filter((name) => /\.(png|jpe?g|webp)$/i.test(name))
  .sort()
const [gridDirectory] = listGridModels()
const grid = await loadGridDirectory(gridDirectory!)
const preview = await loadModelDirectory(findModel(values.preview).directory)
const errors: Record<string, (number | undefined)[][]> = { Latent64: [] }
for (const codec of values['no-baselines'] ? [] : Object.keys(BUDGET_CODECS)) errors[codec] = []
for (const file of files) {
  const picture = await read(join(values.data, file))
  errors.Latent64!.push(budgets.map((maxBytes) => ours(picture, maxBytes)))
  for (const codec of Object.keys(errors).slice(1))
    errors[codec].push((await bestWithin(picture, codec, budgets)).map((best) => best?.error))
  console.error(
    `${file}: ${budgets.map((b, i) => `${b} B ${psnrDb(errors.Latent64!.at(-1)![i]!).toFixed(2)}`).join(', ')}`,
  )
}

const result: LongCodesResult = {
  data: { name: basename(resolve(values.data)), images: files.length, longSide },
  model: grid.name,
  preview: preview.manifest.name,
  budgets,
  codecs: Object.fromEntries(Object.entries(errors).map(([codec, each]) => [codec, summary(each)])),
  software: softwareVersions(),
}
const name = `long-codes-${result.data.name}-${longSide}`
const path = written('rate-distortion', `${name}.json`, `${JSON.stringify(result, null, 1)}\n`)
written('plots', `${name}.svg`, await plotLongCodes(result))
for (const [codec, { psnrOfMeanMseDb }] of Object.entries(result.codecs))
  console.log(
    codec.padEnd(9),
    psnrOfMeanMseDb.map((db) => (db === null ? '-' : db.toFixed(2)).padStart(6)).join(' '),
  )
console.log(path)

function written(folder: string, file: string, content: string): string {
  mkdirSync(join(values.out, folder), { recursive: true })
  writeFileSync(join(values.out, folder, file), content)
  return join(values.out, folder, file)
}

async function read(path: string): Promise<Picture> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(longSide, longSide, { fit: 'inside', kernel: 'lanczos3' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: new Uint8Array(data) }
}

function ours(picture: Picture, maxBytes: number): number {
  const made = compressLong(
    grid,
    preview,
    { image: picture, original: picture, scale: scaleFor(picture)! },
    { maxBytes },
  )
  if (made.code.length > maxBytes)
    throw new Error(`a code of ${made.code.length} bytes, although ${maxBytes} were allowed`)
  return made.mse
}

function summary(each: (number | undefined)[][]) {
  const column = (i: number) => each.map((errors) => errors[i])
  const over = (i: number, mean: (errors: number[]) => number) => {
    const found = column(i)
    return found.every((error) => error !== undefined) ? Number(mean(found as number[]).toFixed(4)) : null
  }
  const average = (all: number[]) => all.reduce((a, b) => a + b, 0) / all.length
  return {
    psnrOfMeanMseDb: budgets.map((_, i) => over(i, (all) => psnrDb(average(all)))),
    meanPsnrDb: budgets.map((_, i) => over(i, (all) => average(all.map(psnrDb)))),
  }
}
