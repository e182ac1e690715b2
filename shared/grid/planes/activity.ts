/** How much the known picture varies within each block: the best hint at where latents will not be zero. */
import { KNOWN_SAMPLES } from '../grid-shape.ts'
import { VARIATIONS } from './plane-shape.ts'

export interface Activity {
  /** [block]: how much the known picture varies there, in octaves, 0 to 7. */
  overall: Uint8Array
  /** [block]: the same across (0 to 5) times 6, and down (0 to 5). */
  orientation: Uint8Array
  /** [block]: how much it rises along one diagonal more than along the other: 0, much less, to 4, much more. */
  slant: Uint8Array
}

const octave = (sum: number) => 31 - Math.clz32(sum | 1)
const variation = (sum: number) => Math.min(VARIATIONS - 1, octave(sum >> 5))

/** product: of the differences across and down, at most half of their squares' sum. */
function slantOf(product: number, squares: number): number {
  const strength = 10 * Math.abs(product)
  const size = strength < squares ? 0 : strength < 3 * squares ? 1 : 2
  return product < 0 ? 2 - size : 2 + size
}

/** known: [4h, 4w, 3] */
export function activityOf(
  known: Uint8Array,
  { blocksWide, blocksHigh }: { blocksWide: number; blocksHigh: number },
): Activity {
  const overall = new Uint8Array(blocksWide * blocksHigh)
  const orientation = new Uint8Array(blocksWide * blocksHigh)
  const slant = new Uint8Array(blocksWide * blocksHigh)
  const row = blocksWide * 4 * 3
  for (let block = 0; block < overall.length; block++) {
    const y = Math.floor(block / blocksWide)
    const corner = y * 4 * row + (block - y * blocksWide) * 12
    let across = 0
    let down = 0
    let product = 0
    let squares = 0
    for (let i = 0; i < KNOWN_SAMPLES; i++) {
      const at = corner + Math.floor(i / 12) * row + (i % 12)
      const right = i % 12 < 9 ? known[at + 3] - known[at] : 0
      const below = i < 36 ? known[at + row] - known[at] : 0
      across += Math.abs(right)
      down += Math.abs(below)
      product += right * below
      squares += right * right + below * below
    }
    overall[block] = Math.min(7, octave((across + down) >> 4))
    orientation[block] = VARIATIONS * variation(across) + variation(down)
    slant[block] = slantOf(product, squares)
  }
  return { overall, orientation, slant }
}
