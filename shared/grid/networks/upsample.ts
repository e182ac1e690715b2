/** A known picture at four times its size: bilinear, with half-pixel centres, its border repeated. Exact: in 64ths of a level. */
import { BLOCK } from '../grid-shape.ts'
import type { Tile } from './tiles.ts'

/** For each of the four positions around a coarse pixel: eighths of the further neighbour. */
const FURTHER = [3, 1, 1, 3]

/** Row by row: known [height, width, 3], 8 bits -> the tile's window [16 h, 16 w, 3], 0 to 255 * 64. */
export class Upsampler {
  readonly #known: Uint8Array
  readonly #width: number
  readonly #height: number
  readonly #tile: Tile
  readonly #between: Int16Array // of a row, with a pixel more on both sides, in eighths
  readonly #row: Int16Array

  constructor(known: Uint8Array, width: number, height: number, tile: Tile) {
    this.#known = known
    this.#width = width
    this.#height = height
    this.#tile = tile
    this.#between = new Int16Array(tile.x.length * 4 * 3 + 6)
    this.#row = new Int16Array(tile.x.length * BLOCK * 3)
  }

  /** Row `y` of the window; valid until the next one is asked for. */
  row(y: number): Int16Array {
    this.#betweenRows(y)
    const [between, row] = [this.#between, this.#row]
    for (let middle = 3, at = 0; at < row.length; middle += 3)
      for (let i = 0; i < 4; i++) {
        const beside = i < 2 ? middle - 3 : middle + 3
        const far = FURTHER[i]
        for (let c = 0; c < 3; c++) row[at++] = (8 - far) * between[middle + c] + far * between[beside + c]
      }
    return row
  }

  #betweenRows(y: number): void {
    const [known, width, between, { x, y: rows }] = [this.#known, this.#width, this.#between, this.#tile]
    const near = rows.start * 4 + (y >> 2)
    const far = Math.max(0, Math.min(this.#height - 1, (y & 3) < 2 ? near - 1 : near + 1))
    const share = FURTHER[y & 3]
    for (let i = -1, to = 0; i <= x.length * 4; i++) {
      const column = Math.max(0, Math.min(width - 1, x.start * 4 + i))
      const [a, b] = [(near * width + column) * 3, (far * width + column) * 3]
      for (let c = 0; c < 3; c++) between[to++] = (8 - share) * known[a + c] + share * known[b + c]
    }
  }
}
