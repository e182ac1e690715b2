/** A known picture at four times its size: bilinear, with half-pixel centres, its border repeated. */
import { BLOCK } from '../grid-shape.ts'
import type { Tile } from './tiles.ts'

/** For each of the four positions around a coarse pixel: the share of the further neighbour, and on which side it is. */
const FURTHER = [0.375, 0.125, 0.125, 0.375]

/** Row by row: known [height, width, 3], 8 bits -> the tile's window [16 h, 16 w, 3] on [0, 1]. */
export class Upsampler {
  readonly #known: Uint8Array
  readonly #width: number
  readonly #height: number
  readonly #tile: Tile
  readonly #between: Float32Array // of a row, with a pixel more on both sides
  readonly #row: Float32Array

  constructor(known: Uint8Array, width: number, height: number, tile: Tile) {
    this.#known = known
    this.#width = width
    this.#height = height
    this.#tile = tile
    this.#between = new Float32Array(tile.x.length * 4 * 3 + 6)
    this.#row = new Float32Array(tile.x.length * BLOCK * 3)
  }

  /** Row `y` of the window; valid until the next one is asked for. */
  row(y: number): Float32Array {
    this.#betweenRows(y)
    const [between, row] = [this.#between, this.#row]
    for (let x = 0, at = 0; at < row.length; x++) {
      const middle = ((x >> 2) + 1) * 3
      const beside = (x & 3) < 2 ? middle - 3 : middle + 3
      const part = FURTHER[x & 3]
      for (let c = 0; c < 3; c++) row[at++] = (1 - part) * between[middle + c] + part * between[beside + c]
    }
    return row
  }

  #betweenRows(y: number): void {
    const [known, width, between, { x, y: rows }] = [this.#known, this.#width, this.#between, this.#tile]
    const near = rows.start * 4 + (y >> 2)
    const far = Math.max(0, Math.min(this.#height - 1, (y & 3) < 2 ? near - 1 : near + 1))
    const share = FURTHER[y & 3]
    for (let i = -1; i <= x.length * 4; i++) {
      const column = Math.max(0, Math.min(width - 1, x.start * 4 + i))
      for (let c = 0; c < 3; c++)
        between[(i + 1) * 3 + c] =
          ((1 - share) * known[(near * width + column) * 3 + c] +
            share * known[(far * width + column) * 3 + c]) /
          255
    }
  }
}
