/**
 * A level in tiles: networks see two blocks around a tile's own, as far as their convolutions reach, so its pixels are
 * those that the whole picture at once would give, to the bit, in bounded memory.
 */
const WINDOW = 32
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

export function tilesOf(blocksWide: number, blocksHigh: number, window = WINDOW): Tile[] {
  const across = spans(blocksWide, window)
  return spans(blocksHigh, window).flatMap((y) => across.map((x) => ({ x, y })))
}
