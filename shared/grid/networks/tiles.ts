/**
 * A level in tiles: a network sees as many blocks around a tile's own (`halo`) as its convolutions reach, so its pixels are
 * those that the whole picture at once would give, to the bit, in bounded memory.
 */
const MOST_BLOCKS = 1024

interface Span {
  /** Blocks that the network sees, from `start`. */
  start: number
  length: number
  /** Which of them are the tile's own. */
  ownStart: number
  ownEnd: number
}

export interface Tile {
  x: Span
  y: Span
}

/** In blocks. */
export interface LevelShape {
  blocksWide: number
  blocksHigh: number
}

/** A block's place in the level. */
export interface BlockPlace {
  x: number
  y: number
}

function spans(blocks: number, window: number, halo: number): Span[] {
  const found: Span[] = []
  let own = 0
  while (own < blocks) {
    const start = own > 0 ? own - halo : 0
    const end = Math.min(blocks, start + window)
    const ownEnd = end === blocks ? blocks : end - halo
    found.push({ start, length: end - start, ownStart: own, ownEnd })
    own = ownEnd
  }
  return found
}

/** window: blocks of a tile, across and down, in place of as many as fit. */
export function tilesOf({ blocksWide, blocksHigh }: LevelShape, halo: number, window?: number): Tile[] {
  const [wide, high] = window ? [window, window] : windowOf(blocksWide, blocksHigh, halo)
  const across = spans(blocksWide, wide, halo)
  return spans(blocksHigh, high, halo).flatMap((y) => across.map((x) => ({ x, y })))
}

/** As few tiles as may be, in a row or a column, since what is around a tile's own blocks is computed twice. */
function windowOf(wide: number, high: number, halo: number): [number, number] {
  const [long, short] = [Math.max(wide, high), Math.min(wide, high)]
  const square = Math.sqrt(MOST_BLOCKS)
  if (short > 2 * square) return [square, square]
  const partOf = (parts: number) => Math.ceil((long + (parts - 1) * 2 * halo) / parts)
  let parts = 1
  while (partOf(parts) * short > MOST_BLOCKS) parts++
  return wide < high ? [wide, partOf(parts)] : [partOf(parts), high]
}

/** Where a tile's blocks are in the level. */
export const placeIn =
  ({ x, y }: Tile) =>
  (block: number): BlockPlace => {
    const row = Math.floor(block / x.length)
    return { x: x.start + block - row * x.length, y: y.start + row }
  }

/** A tile's rows of blocks: where each begins in the level, where in the tile, and its length. */
export function forEachRow(
  { x, y }: Tile,
  { blocksWide }: LevelShape,
  act: (first: number, at: number, length: number) => void,
): void {
  for (let row = 0; row < y.length; row++)
    act((y.start + row) * blocksWide + x.start, row * x.length, x.length)
}
