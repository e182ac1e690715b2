/**
 * What the decoder draws before its restoration network, beside the pictures themselves, for
 * train/grid/torch/restoration.py:
 *
 *     node train/grid/restoration-crops.ts --photos DIR --model DIR --out crops
 *
 * Writes crops.bin, a record for each crop of SIDE x SIDE blocks: the picture and what is drawn of it, [16 SIDE, 16 SIDE, 3]
 * bytes each. And crops.json: of each record both quantization steps and the photograph's number.
 */
import { createWriteStream, writeFileSync } from 'node:fs'
import { decompressGrid, scaleFor } from '../../shared/grid/grid-code.ts'
import { pyramidPictures } from '../../shared/grid/grid-codec.ts'
import { BLOCK } from '../../shared/grid/grid-shape.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import type { Drawing } from '../../shared/grid/networks/grid-networks.ts'
import type { Picture } from '../../shared/grid/pictures.ts'
import { previewReader } from '../../shared/grid/preview-codes.ts'
import { type LevelSize, pyramidOf } from '../../shared/grid/pyramid.ts'
import { Random } from '../random.ts'
import { readPicture } from './read-picture.ts'
import { scriptInputs } from './script-inputs.ts'

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
  /** Before the network. [16h, 16w, 3] */
  drawn: Uint8Array
  drawing: Drawing
}

const { files, grid, preview, out } = await scriptInputs()
const file = createWriteStream(`${out}.bin`)
const records: [step: number, knownStep: number, photograph: number][] = []
const random = new Random(1)

for (const [number, name] of files.entries()) {
  for (const [longSide, bytes] of CODES) cropAll(await readPicture(name, longSide), bytes, number)
  if (number % 20 === 0) console.error(`${number} of ${files.length} photographs, ${records.length} crops`)
}
file.end()
writeFileSync(`${out}.json`, JSON.stringify(records))

function cropAll(picture: Picture, codes: number[], photograph: number): void {
  const levels = pyramidOf(picture.width, picture.height)
  const pictures = pyramidPictures(picture, levels)
  for (const about of codes)
    for (const [i, { level, drawn, drawing }] of callsOf(picture, about).entries()) {
      const { blocksWide, blocksHigh } = level
      if (!drawing.restored || Math.min(blocksWide, blocksHigh) < SIDE) continue
      for (let n = Math.ceil((blocksWide * blocksHigh) / 200); n > 0; n--) {
        const x = random.integer(blocksWide - SIDE + 1)
        const y = random.integer(blocksHigh - SIDE + 1)
        file.write(crop(pictures[i], blocksWide, x, y))
        file.write(crop(drawn, blocksWide, x, y))
        records.push([drawing.step, drawing.knownStep, photograph])
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
        // A whole level, not its last rows alone.
        if ('width' in level) {
          const drawn = grid.decoder.decode(level, known, latents, { ...drawing, restored: false })
          calls.push({ level: level as LevelSize, drawn, drawing })
        }
        return grid.decoder.decode(level, known, latents, drawing)
      },
    },
  }
  decompressGrid(observed, previewReader({ byId: () => preview }), code)
  return calls
}

/** SIDE x SIDE blocks of a picture of whole blocks. */
function crop(samples: Uint8Array, blocksWide: number, left: number, top: number): Uint8Array {
  const row = blocksWide * BLOCK * 3
  const side = SIDE * BLOCK * 3
  const cropped = new Uint8Array(side * SIDE * BLOCK)
  for (let y = 0; y < SIDE * BLOCK; y++) {
    const from = (top * BLOCK + y) * row + left * BLOCK * 3
    cropped.set(samples.subarray(from, from + side), y * side)
  }
  return cropped
}
