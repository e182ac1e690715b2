/**
 * Parts of photographs as whole pictures, and what their previews show: what the lowest level is trained on by
 * train/grid/torch/train.py.
 *
 *     node train/grid/whole-pictures.ts --photos DIR --out DIR
 *
 * Writes crops.json, for each its photograph's name, left, top, width, height in pixels; and
 * previews.bin, the previews' samples [n, 32, 32, 3], bytes. Crops are 4 : 3 or 3 : 4.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { compressPreview } from '../../shared/grid/preview-codes.ts'
import { areaAverage } from '../../shared/images/resize.ts'
import { Random } from '../random.ts'
import { photographs } from './photograph-files.ts'

const CROPS_A_PHOTOGRAPH = 50
/** The share of the largest crop's side; every third crop is the largest. */
const LEAST_PART = 0.4
const LEAST_SIDE = 130

type Crop = [photograph: string, left: number, top: number, width: number, height: number]

const { values } = parseArgs({ options: { photos: { type: 'string' }, out: { type: 'string' } } })
const { photos, out } = values
if (!photos || !out) throw new Error('expected --photos DIR --out DIR')
const model = await loadModelDirectory(findModel('preview').directory)
const random = new Random(7)
const crops: Crop[] = []
const previews: Uint8Array[] = []
for (const [i, file] of photographs(photos).entries()) {
  const image = sharp(file).removeAlpha().toColourspace('srgb')
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  for (let n = 0; n < CROPS_A_PHOTOGRAPH; n++) {
    const crop = cropWithin(info.width, info.height, n % 3 === 0)
    const whole = sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    const part = new Uint8Array(await whole.extract(crop).raw().toBuffer())
    const small = areaAverage(
      part,
      { width: crop.width, height: crop.height, channels: 3 },
      model.manifest.input,
    )
    crops.push([basename(file), crop.left, crop.top, crop.width, crop.height])
    previews.push(compressPreview(model, small, crop).samples)
  }
  if (i % 20 === 0) console.error(`${i} photographs, ${crops.length} crops`)
}
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'crops.json'), JSON.stringify(crops))
writeFileSync(join(out, 'previews.bin'), Buffer.concat(previews))

function cropWithin(imageWidth: number, imageHeight: number, isLargest: boolean) {
  const aspect = random.uniform() < 0.6 ? 4 / 3 : 3 / 4
  const most = Math.min(imageWidth, imageHeight * aspect)
  const part = isLargest ? 1 : LEAST_PART + (1 - LEAST_PART) * random.uniform()
  const width = Math.min(Math.round(most), Math.max(LEAST_SIDE, Math.round(most * part)))
  const height = Math.min(imageHeight, Math.round(width / aspect))
  const [left, top] = [random.integer(imageWidth - width + 1), random.integer(imageHeight - height + 1)]
  return { left, top, width, height }
}
