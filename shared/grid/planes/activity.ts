/** How much the known picture varies within each block: the best hint at where latents will not be zero. */
import { KNOWN_SAMPLES } from '../grid-shape.ts'

export interface Activity {
  /** [block]: how much the known picture varies there, in octaves, 0 to 7. */
  overall: Uint8Array
  /** [block]: the same across (0 to 5) times 6, and down (0 to 5). */
  orientation: Uint8Array
}

const octave = (sum: number) => 31 - Math.clz32(sum | 1)

/** known: [4h, 4w, 3] */
export function activityOf(
  known: Uint8Array,
  { blocksWide, blocksHigh }: { blocksWide: number; blocksHigh: number },
): Activity {
  const overall = new Uint8Array(blocksWide * blocksHigh)
  const orientation = new Uint8Array(blocksWide * blocksHigh)
  const row = blocksWide * 4 * 3
  for (let block = 0; block < overall.length; block++) {
    const y = Math.floor(block / blocksWide)
    const corner = y * 4 * row + (block - y * blocksWide) * 12
    let across = 0
    let down = 0
    for (let i = 0; i < KNOWN_SAMPLES; i++) {
      const at = corner + Math.floor(i / 12) * row + (i % 12)
      if (i % 12 < 9) across += Math.abs(known[at + 3] - known[at])
      if (i < 36) down += Math.abs(known[at + row] - known[at])
    }
    overall[block] = Math.min(7, octave((across + down) >> 4))
    orientation[block] = 6 * Math.min(5, octave(across >> 5)) + Math.min(5, octave(down >> 5))
  }
  return { overall, orientation }
}
