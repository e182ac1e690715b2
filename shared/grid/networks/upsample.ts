/** A known picture at four times its size: bilinear, with half-pixel centres, its border repeated. */
import { BLOCK } from '../grid-shape.ts'
import type { Tile } from './tiles.ts'

/** For each of the four positions around a coarse pixel: the share of the further neighbour, and on which side it is. */
const FURTHER = [0.375, 0.125, 0.125, 0.375]

/** known [height, width, 3], 8 bits -> the tile's window [16 h, 16 w, 3] on [0, 1]. */
export function upsampleTile(
  known: Uint8Array,
  width: number,
  height: number,
  tile: Tile,
  to: Float32Array,
): void {
  const wide = tile.x.length * BLOCK
  const row = new Float32Array(tile.x.length * 4 * 3 + 6) // with a pixel more on both sides
  for (let y = 0; y < tile.y.length * BLOCK; y++) {
    const near = tile.y.start * 4 + (y >> 2)
    const far = Math.max(0, Math.min(height - 1, (y & 3) < 2 ? near - 1 : near + 1))
    const share = FURTHER[y & 3]
    for (let x = -1; x <= tile.x.length * 4; x++) {
      const column = Math.max(0, Math.min(width - 1, tile.x.start * 4 + x))
      for (let c = 0; c < 3; c++)
        row[(x + 1) * 3 + c] =
          ((1 - share) * known[(near * width + column) * 3 + c] +
            share * known[(far * width + column) * 3 + c]) /
          255
    }
    let at = y * wide * 3
    for (let x = 0; x < wide; x++) {
      const middle = ((x >> 2) + 1) * 3
      const beside = (x & 3) < 2 ? middle - 3 : middle + 3
      const part = FURTHER[x & 3]
      for (let c = 0; c < 3; c++) to[at++] = (1 - part) * row[middle + c] + part * row[beside + c]
    }
  }
}
