/**
 * The sizes at which a picture is coded: its own, a quarter of its width and height, a quarter of that, until the long
 * side is at most 128 pixels. The lowest level starts from a preview, each other one from the level below.
 */
import { BLOCK, PYRAMID } from './grid-shape.ts'

const LONGEST_LOWEST = 128

export interface LevelSize {
  /** Pixels of the picture. */
  width: number
  height: number
  /** In whole blocks: what is coded has this many times 16 pixels, its last rows and columns repeated. */
  blocksWide: number
  blocksHigh: number
}

/** Lowest first. */
export function pyramidOf(width: number, height: number): LevelSize[] {
  const levels: LevelSize[] = [levelOf(width, height)]
  while (Math.max(levels[0].width, levels[0].height) > LONGEST_LOWEST) {
    const above = levels[0]
    levels.unshift(levelOf(quarter(above.width), quarter(above.height)))
  }
  return levels
}

export const quarter = (side: number) => Math.ceil(side / PYRAMID)

const levelOf = (width: number, height: number): LevelSize => ({
  width,
  height,
  blocksWide: Math.ceil(width / BLOCK),
  blocksHigh: Math.ceil(height / BLOCK),
})
