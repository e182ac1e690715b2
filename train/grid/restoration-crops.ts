/**
 * What the decoder draws before its restoration network, beside the pictures themselves, for
 * train/grid/torch/restoration.py:
 *
 *     node train/grid/restoration-crops.ts --photos DIR --model DIR --out crops
 *
 * Writes crops.bin, a record for each crop of SIDE x SIDE blocks: the picture [16 SIDE, 16 SIDE, 3] and the known picture with
 * a pixel more around [4 SIDE + 2, 4 SIDE + 2, 3], bytes; latents [SIDE, SIDE, CHANNELS], 16 bits. And crops.json: of each
 * record both quantization steps, 1 for a lowest level or 0, and the photograph's number.
 */
import { createWriteStream, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { loadGridDirectory } from '../../node/grid-model-directory.ts'
import { loadModelDirectory } from '../../node/load-model.ts'
import { findModel } from '../../node/model-directory.ts'
import { decompressGrid, scaleFor } from '../../shared/grid/grid-code.ts'
import { pyramidPictures } from '../../shared/grid/grid-codec.ts'
import { BLOCK, CHANNELS } from '../../shared/grid/grid-shape.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import type { Drawing } from '../../shared/grid/networks/grid-networks.ts'
import type { Picture } from '../../shared/grid/pictures.ts'
import { previewReader } from '../../shared/grid/preview-codes.ts'
import { type LevelSize, pyramidOf } from '../../shared/grid/pyramid.ts'
import { Random } from '../random.ts'
import { photographs } from './photograph-files.ts'

/** Blocks of a crop, across and down. */
const SIDE = 5
/** For each long side, in pixels, the codes' bytes: those at which some level is restored. */
const CODES: [longSide: number, bytes: number[]][] = [
  [512, [120, 200, 350, 600]],
  [384, [100, 300, 600, 1200, 2500, 5000]],
  [320, [90, 250, 500, 1000, 2000, 4000]],
  [256, [60, 100, 160, 260, 400, 600, 900, 1400, 2000, 3000]],
  [128, [50, 70, 110, 200, 400, 800]],
  [96, [50, 80, 150, 400]],
]

interface Call {
  level: LevelSize
  known: Uint8Array
  latents: Int16Array
  drawing: Drawing
}

const { values } = parseArgs({
  options: { photos: { type: 'string' }, model: { type: 'string' }, out: { type: 'string' } },
})
const { photos, model, out } = values
if (!photos || !model || !out) throw new Error('expected --photos DIR --model DIR --out FILE')
const grid = await loadGridDirectory(model)
const preview = await loadModelDirectory(findModel('preview').directory)
const file = createWriteStream(`${out}.bin`)
const records: [step: number, knownStep: number, lowest: number, photograph: number][] = []
const random = new Random(1)

const names = photographs(photos)
for (const [number, name] of names.entries()) {
  for (const [longSide, bytes] of CODES) cropAll(await read(name, longSide), bytes, number)
  if (number % 20 === 0) console.error(`${number} of ${names.length} photographs, ${records.length} crops`)
}
file.end()
writeFileSync(`${out}.json`, JSON.stringify(records))

async function read(name: string, longSide: number): Promise<Picture> {
  const { data, info } = await sharp(await readFile(name))
    .removeAlpha()
    .toColourspace('srgb')
    .resize(longSide, longSide, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: new Uint8Array(data) }
}

function cropAll(picture: Picture, codes: number[], photograph: number): void {
  const levels = pyramidOf(picture.width, picture.height)
  const pictures = pyramidPictures(picture, levels)
  for (const about of codes)
    for (const [i, { level, known, latents, drawing }] of callsOf(picture, about).entries()) {
      const { blocksWide, blocksHigh } = level
      if (!drawing.restored || Math.min(blocksWide, blocksHigh) < SIDE) continue
      for (let n = Math.ceil((blocksWide * blocksHigh) / 200); n > 0; n--) {
        const x = random.integer(blocksWide - SIDE + 1)
        const y = random.integer(blocksHigh - SIDE + 1)
        file.write(window(pictures[i], blocksWide * BLOCK, x * BLOCK, y * BLOCK, SIDE * BLOCK))
        file.write(window(known, blocksWide * 4, x * 4 - 1, y * 4 - 1, SIDE * 4 + 2))
        file.write(latentsOf(latents, blocksWide, x, y))
        records.push([drawing.step, drawing.knownStep, Number(drawing.lowest), photograph])
      }
    }
}

/** What the decoder is given for a code of about so many bytes, level by level. */
function callsOf(picture: Picture, about: number): Call[] {
  const maxBytes = Math.round(about * (0.8 + 0.4 * random.uniform()))
  const image = { image: picture, original: picture, scale: scaleFor(picture)! }
  const { code } = compressLong(grid, preview, image, { maxBytes })
  const calls: Call[] = []
  const observed: typeof grid = {
    ...grid,
    decoder: {
      decode(level, known, latents, drawing) {
        calls.push({ level: level as LevelSize, known, latents, drawing })
        return grid.decoder.decode(level, known, latents, drawing)
      },
    },
  }
  decompressGrid(observed, previewReader({ byId: () => preview }), code)
  return calls
}

/** side x side pixels of a picture, from (left, top), its border repeated. */
function window(samples: Uint8Array, width: number, left: number, top: number, side: number): Uint8Array {
  const height = samples.length / 3 / width
  const within = (place: number, length: number) => Math.max(0, Math.min(length - 1, place))
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    const y = within(top + Math.floor(pixel / side), height)
    return samples[(y * width + within(left + (pixel % side), width)) * 3 + (i % 3)]
  })
}

function latentsOf(latents: Int16Array, blocksWide: number, left: number, top: number): Uint8Array {
  const cropped = new Int16Array(SIDE * SIDE * CHANNELS)
  const row = SIDE * CHANNELS
  for (let y = 0; y < SIDE; y++) {
    const first = ((top + y) * blocksWide + left) * CHANNELS
    cropped.set(latents.subarray(first, first + row), y * row)
  }
  return new Uint8Array(cropped.buffer)
}
