/**
 * What the levels above the lowest have to add to their known pictures, in real codes: for train/grid/torch/oriented.py.
 *
 *     node train/grid/residual-blocks.ts --photos DIR --model DIR --out FILE
 *
 * Writes int16 [n, 16, 16, 3], in 64ths of a level, in the colours that transforms see.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { scaleFor } from '../../shared/grid/grid-code.ts'
import { compressLong } from '../../shared/grid/long-code.ts'
import type { GridEncoder } from '../../shared/grid/networks/grid-networks.ts'
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
const encoder = grid.encoder as GridEncoder
const file = openSync(out, 'w')

const observed: typeof grid = {
  ...grid,
  encoder: {
    encode(shape, picture, known, kind) {
      if (!kind.lowest) writeSync(file, encoder.residualBlocks(shape, picture, known, kind.turned))
      return encoder.encode(shape, picture, known, kind)
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
