/** pixels.wasm, in a Convolver's memory: a level's pictures, before the planes of its tiles. */
import { BLOCK, BLOCK_SAMPLES, CHANNELS, PYRAMID } from '../../grid-shape.ts'
import { AROUND_CELL } from '../layer-shapes.ts'
import type { LevelShape, Tile } from '../tiles.ts'
import type { View } from '../transforms.ts'
import type { PlacedLayer, PlaneAddress } from './addresses.ts'

/** Bytes that may be read or written beyond an end: one vector. */
const SLACK = 16

type Variable =
  | ('known' | 'width' | 'height' | 'picture' | 'between' | 'row')
  | ('left' | 'top' | 'wide' | 'high' | 'terms' | 'products' | 'axes' | 'rotation')

interface Exports extends Record<Variable, { value: number }> {
  takeResidual(residual: number): void
  draw(linear: number): void
  addKnown(linear: number, drawn: number, drawnRow: number, pad: number): void
  drawRestored(
    drawn: number,
    drawnRow: number,
    detail: number,
    firstRow: number,
    endRow: number,
    firstColumn: number,
    endColumn: number,
  ): void
  multiplySparse(
    from: number,
    pairs: number,
    weights: number,
    bias: number,
    shift: number,
    offsets: number,
    blocks: number,
    to: number,
  ): number
  measureColours(): void
  turnColours(block: number, row: number, x: number, y: number, back: number): void
  copyView(from: number, fromRow: number, to: number, toRow: number, view: number): void
  keepBetter(
    latents: number,
    kept: number,
    energies: number,
    chosen: number,
    blocks: number,
    channels: number,
    step: number,
    transform: number,
  ): void
}

export class TilePixels {
  readonly #wasm: Exports
  readonly #memory: WebAssembly.Memory
  readonly #reserve: (bytes: number) => number

  /** module: pixels.wasm; reserve: gives a place of that many bytes before the planes. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, reserve: (bytes: number) => number) {
    this.#wasm = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports
    this.#memory = memory
    this.#reserve = reserve
  }

  /** known: [4h, 4w, 3] for the h x w blocks of the level; picture: [16h, 16w, 3], or what is there stays. */
  startLevel({ blocksWide, blocksHigh }: LevelShape, known: Uint8Array, picture?: Uint8Array): void {
    const [width, height] = [blocksWide * PYRAMID, blocksHigh * PYRAMID]
    const lengths = {
      known: known.length + SLACK,
      picture: known.length * PYRAMID ** 2,
      between: (width + 2) * 3 * 2 + SLACK,
      row: blocksWide * BLOCK * 3 * 2,
      terms: 4 * CHANNELS,
      products: 24 * blocksWide * blocksHigh,
      axes: 2 * 9 * 8,
      rotation: 9 * 2,
    }
    let at = this.#reserve(Object.values(lengths).reduce((sum, bytes) => sum + 8 * Math.ceil(bytes / 8), 0))
    for (const [name, bytes] of Object.entries(lengths) as [keyof typeof lengths, number][]) {
      this.#wasm[name].value = at
      at += 8 * Math.ceil(bytes / 8)
    }
    this.#set({ width, height })
    this.#bytes('known', known.length).set(known)
    if (picture) this.#bytes('picture', picture.length).set(picture)
  }

  /** Before turnColours, for the level. */
  measureColours(): void {
    this.#wasm.measureColours()
  }

  /** The block at (x, y) of the level, in the axes in which transforms see it; or back. pixels/colours.ts */
  turnColours(block: number, rowBytes: number, x: number, y: number, back: boolean): void {
    this.#wasm.turnColours(block, rowBytes, x, y, back ? 1 : 0)
  }

  /** residual: the encoder's input plane. */
  takeResidual(tile: Tile, residual: PlaneAddress): void {
    this.#startTile(tile)
    this.#wasm.takeResidual(residual.first)
  }

  /** Draws the tile: what latents say, added to the known picture. */
  draw(tile: Tile, linear: PlaneAddress): void {
    this.#startTile(tile)
    this.#wasm.draw(linear.first)
  }

  /** The same as the restoration network's input plane. */
  addKnown(tile: Tile, linear: PlaneAddress, drawn: PlaneAddress): void {
    this.#startTile(tile)
    this.#wasm.addKnown(linear.first, drawn.first, drawn.rowBytes, AROUND_CELL)
  }

  /** Draws the tile's own blocks. detail: what the network adds. */
  drawRestored(tile: Tile, drawn: PlaneAddress, detail: PlaneAddress): void {
    this.#startTile(tile)
    const own = ({ start, ownStart, ownEnd }: Tile['x']) => [ownStart - start, ownEnd - start] as const
    this.#wasm.drawRestored(drawn.first, drawn.rowBytes, detail.first, ...own(tile.y), ...own(tile.x))
  }

  /** One block of what a layer gives for its latents: pixels/sparse.ts. Returns whether there are any. */
  multiplySparse({ weights, bias, shift }: PlacedLayer, from: number, offsets: number, to: number): boolean {
    return (
      this.#wasm.multiplySparse(from, CHANNELS / 2, weights, bias, shift, offsets, BLOCK_SAMPLES / 8, to) !==
      0
    )
  }

  /** pixels/blocks.ts */
  copyView(from: number, fromRow: number, to: number, toRow: number, view: View): void {
    this.#wasm.copyView(from, fromRow, to, toRow, view)
  }

  /** pixels/blocks.ts */
  keepBetter(...args: Parameters<Exports['keepBetter']>): void {
    this.#wasm.keepBetter(...args)
  }

  /** A copy of the level's picture. [16h, 16w, 3] */
  picture(): Uint8Array {
    const { width, height } = this.#wasm
    return this.#bytes('picture', width.value * height.value * 3 * PYRAMID ** 2).slice()
  }

  #startTile({ x, y }: Tile): void {
    this.#set({ left: x.start, top: y.start, wide: x.length, high: y.length })
  }

  #set(values: Partial<Record<Variable, number>>): void {
    for (const [name, value] of Object.entries(values)) this.#wasm[name as Variable].value = value
  }

  #bytes(name: Variable, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#wasm[name].value, length)
  }
}
