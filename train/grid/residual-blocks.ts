/**
 * What the levels above the lowest have to add to their known pictures, in real codes: for train/grid/torch/oriented.py.
 *
 *     node train/grid/residual-blocks.ts --photos DIR --model DIR --out FILE
 *
 * Writes int16 [n, 16, 16, 3], in levels.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { scaleFor } from '../../shared/grid/grid-code.ts'
import { BLOCK, CHANNELS } from '../../shared/grid/grid-shape.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import { readPicture } from './read-picture.ts'
import { scriptInputs } from './script-inputs.ts'

/** For each long side in pixels, the codes' bytes, and every how many-th photograph is read. */
const CODES = [
  { longSide: 256, maxBytes: 2048, every: 1 },
  { longSide: 360, maxBytes: 3500, every: 1 },
  { longSide: 512, maxBytes: 6000, every: 1 },
  { longSide: 768, maxBytes: 24_576, every: 4 },
]

const { files, grid, preview, out } = await scriptInputs()
const file = openSync(out, 'w')

const observed: typeof grid = {
  ...grid,
  encoder: {
    encode(shape, picture, known, lowest) {
      if (!lowest) writeSync(file, residualBlocks(shape, picture, known))
      return grid.encoder!.encode(shape, picture, known, lowest)
    },
  },
}
for (const { longSide, maxBytes, every } of CODES)
  for (const [i, name] of files.entries()) {
    if (i % every > 0) continue
    const image = await readPicture(name, longSide)
    compressLong(observed, preview, { image, original: image, scale: scaleFor(image)! }, { maxBytes })
    if (i % 20 === 0) console.error(`${longSide} pixels: ${i} photographs`)
  }
closeSync(file)

/** [block][16][16][3] */
function residualBlocks(
  shape: { blocksWide: number; blocksHigh: number },
  picture: Uint8Array,
  known: Uint8Array,
): Int16Array {
  const count = shape.blocksWide * shape.blocksHigh
  const nothing = { latents: new Int16Array(count * CHANNELS), transforms: new Uint8Array(count) }
  const drawing = { step: 0, knownStep: 0, lowest: false, restored: false }
  const upsampled = grid.decoder.decode(shape, known, nothing, drawing)
  const residual = new Int16Array(picture.length)
  const [row, side] = [shape.blocksWide * BLOCK * 3, BLOCK * 3]
  for (let block = 0, to = 0; block < count; block++) {
    const y = Math.floor(block / shape.blocksWide)
    const first = y * BLOCK * row + (block - y * shape.blocksWide) * side
    for (let i = 0; i < BLOCK * side; i++, to++) {
      const at = first + Math.floor(i / side) * row + (i % side)
      residual[to] = picture[at] - upsampled[at]
    }
  }
  return residual
}
