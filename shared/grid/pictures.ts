/** RGB pictures, 8-bit samples [height, width, 3], brought to whole blocks and to a quarter of their size. */
import { BLOCK, PYRAMID } from './grid-shape.ts'
import { type LevelSize, quarter } from './pyramid.ts'

export interface Picture {
  width: number
  height: number
  samples: Uint8Array
}

/** With the last column and row repeated, or cut. */
function resizedCanvas({ width, height, samples }: Picture, toWidth: number, toHeight: number): Uint8Array {
  if (width === toWidth && height === toHeight) return samples
  const canvas = new Uint8Array(toWidth * toHeight * 3)
  for (let y = 0; y < toHeight; y++) {
    const from = Math.min(y, height - 1) * width * 3
    const to = y * toWidth * 3
    const kept = Math.min(width, toWidth) * 3
    canvas.set(samples.subarray(from, from + kept), to)
    for (let at = kept; at < toWidth * 3; at++) canvas[to + at] = samples[from + kept - 3 + (at % 3)]
  }
  return canvas
}

/** What a level codes: [16 blocksHigh, 16 blocksWide, 3]. */
export const blocksOf = (picture: Picture, { blocksWide, blocksHigh }: LevelSize) =>
  resizedCanvas(picture, blocksWide * BLOCK, blocksHigh * BLOCK)

/** What a level is given, [4 blocksHigh, 4 blocksWide, 3]. */
export const knownOf = (picture: Picture, { blocksWide, blocksHigh }: LevelSize) =>
  resizedCanvas(picture, (blocksWide * BLOCK) / PYRAMID, (blocksHigh * BLOCK) / PYRAMID)

/** The level's picture at a quarter of its size: means of 4 x 4 pixels, of whole blocks. */
export function quarterOf(blocks: Uint8Array, { blocksWide, width, height }: LevelSize): Picture {
  const [w, h] = [quarter(width), quarter(height)]
  const samples = new Uint8Array(w * h * 3)
  const row = blocksWide * BLOCK * 3
  for (let y = 0, to = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 8
        for (let i = 0; i < 16; i++) sum += blocks[(4 * y + (i >> 2)) * row + (4 * x + (i & 3)) * 3 + c]
        samples[to++] = sum >> 4
      }
  return { width: w, height: h, samples }
}

/** Whole blocks -> the level's own pixels. */
export function croppedBlocks(
  blocks: Uint8Array,
  { blocksWide, blocksHigh, width, height }: LevelSize,
): Picture {
  const whole = { width: blocksWide * BLOCK, height: blocksHigh * BLOCK, samples: blocks }
  return { width, height, samples: resizedCanvas(whole, width, height) }
}
