import type { ImageShape } from '../../shared/manifest.ts'
import type { Random } from '../random.ts'

/** How training images are varied; each image of a batch draws its own variation. */
export interface Augmentation {
  /** Shifts by up to this many pixels each way; `edge` is what fills the gap: black, or the mirrored image. */
  shift: number
  edge: 'black' | 'mirror'
  /** Mirrors left to right, half of the time. */
  flip: boolean
}

export const noAugmentation: Augmentation = { shift: 0, edge: 'black', flip: false }

export function isAugmenting(a: Augmentation): boolean {
  return a.shift > 0 || a.flip
}

/** Writes one image [h, w, c] of `from` (starting at `offset`) into `into` (at `at`), augmented. */
export function augmentImage(
  a: Augmentation,
  { height, width, channels }: ImageShape,
  random: Random,
  from: Uint8Array,
  offset: number,
  into: Uint8Array,
  at: number,
): void {
  const dx = a.shift ? random.integer(2 * a.shift + 1) - a.shift : 0
  const dy = a.shift ? random.integer(2 * a.shift + 1) - a.shift : 0
  const flip = a.flip && random.uniform() < 0.5
  for (let y = 0; y < height; y++) {
    const sourceY = inside(y + dy, height, a.edge)
    for (let x = 0; x < width; x++) {
      const shiftedX = inside(x + dx, width, a.edge)
      const target = at + (y * width + x) * channels
      const black = sourceY < 0 || shiftedX < 0
      const source = offset + (sourceY * width + (flip ? width - 1 - shiftedX : shiftedX)) * channels
      for (let c = 0; c < channels; c++) into[target + c] = black ? 0 : from[source + c]
    }
  }
}

/** -1: outside, black. */
function inside(i: number, size: number, edge: Augmentation['edge']): number {
  if (i >= 0 && i < size) return i
  if (edge === 'black') return -1
  return i < 0 ? -i - 1 : 2 * size - 1 - i
}
