/**
 * A level in tiles: networks see two blocks around a tile's own, as far as their convolutions reach, so its pixels are
 * those that the whole picture at once would give, to the bit, in bounded memory.
 */
const MOST_BLOCKS = 1024
/** Blocks around: the decoder reaches 1 + 1/2 + 1/4 blocks, the encoder 2/4 + 1/2 + 1. */
const HALO = 2

interface Span {
  /** Blocks that the networks see, from `start`. */
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

function spans(blocks: number, window: number): Span[] {
  const found: Span[] = []
  let own = 0
  while (own < blocks) {
    const start = own > 0 ? own - HALO : 0
    const end = Math.min(blocks, start + window)
    const ownEnd = end === blocks ? blocks : end - HALO
    found.push({ start, length: end - start, ownStart: own, ownEnd })
    own = ownEnd
  }
  return found
}

export function tilesOf(blocksWide: number, blocksHigh: number, window?: number): Tile[] {
  const [wide, high] = window ? [window, window] : windowOf(blocksWide, blocksHigh)
  const across = spans(blocksWide, wide)
  return spans(blocksHigh, high).flatMap((y) => across.map((x) => ({ x, y })))
}

/** As few tiles as may be, in a row or a column, since what is around a tile's own blocks is computed twice. */
function windowOf(wide: number, high: number): [number, number] {
  const [long, short] = [Math.max(wide, high), Math.min(wide, high)]
  const square = Math.sqrt(MOST_BLOCKS)
  if (short > 2 * square) return [square, square]
  const partOf = (parts: number) => Math.ceil((long + (parts - 1) * 2 * HALO) / parts)
  let parts = 1
  while (partOf(parts) * short > MOST_BLOCKS) parts++
  return wide < high ? [wide, partOf(parts)] : [partOf(parts), high]
}
