/** Undoes the filter of a PNG's line. These loops see every byte, so they are written for speed. */
import { ImageError } from '../errors.ts'

/** Both lines begin with their filter byte; `above` is unfiltered already. `step` is the bytes of a whole pixel. */
export function unfilter(line: Uint8Array, above: Uint8Array, step: number): void {
  if (line[0] > 4) throw new ImageError(`expected a PNG line filter of 0 to 4, got ${line[0]}`)
  if (line[0] === 1) addLeft(line, step)
  else if (line[0] === 2) addAbove(line, above)
  else if (line[0] === 3) addMean(line, above, step)
  else if (line[0] === 4) addPaeth(line, above, step)
}

function addLeft(line: Uint8Array, step: number): void {
  for (let i = 1 + step; i < line.length; i++) line[i] += line[i - step]
}

function addAbove(line: Uint8Array, above: Uint8Array): void {
  for (let i = 1; i < line.length; i++) line[i] += above[i]
}

/** One channel after another: what a byte depends on stays in a register. Left of the line are zeros. */
function addMean(line: Uint8Array, above: Uint8Array, step: number): void {
  for (let channel = 1; channel <= step; channel++) {
    let left = 0
    for (let i = channel; i < line.length; i += step) {
      left = (line[i] + ((left + above[i]) >> 1)) & 255
      line[i] = left
    }
  }
}

/** Without branches: in a hostile file each would be guessed wrong, which takes longer than all the rest. */
function addPaeth(line: Uint8Array, above: Uint8Array, step: number): void {
  for (let channel = 1; channel <= step; channel++) {
    let left = 0
    let corner = 0
    for (let i = channel; i < line.length; i += step) {
      const up = above[i]
      left = (line[i] + paeth(left, up, corner)) & 255
      line[i] = left
      corner = up
    }
  }
}

/**
 * Whichever of the three is nearest to left + up - corner; of equals left, then up. Nearest is the lesser of left and
 * up if the corner is above both, the greater if it is below both, and the corner if it is in the middle; so two
 * comparisons with 3 corner - left - up decide. Each makes a mask: -1 for yes, 0 for no.
 */
function paeth(left: number, up: number, corner: number): number {
  const sum = left + up
  const least = up ^ ((left ^ up) & ((left - up) >> 31))
  const most = sum - least
  const bound = 3 * corner - sum
  const notMost = corner ^ ((corner ^ least) & ((most - bound - 1) >> 31))
  return notMost ^ ((notMost ^ most) & ((bound - least - 1) >> 31))
}
