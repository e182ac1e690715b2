import { ImageError } from '../errors.ts'
import type { ScanHeader } from './jpeg-frame.ts'

/** How many of its lowest bits are still to come, for each of a component's 64 coefficients. */
export class ScanHistory {
  private readonly missingBits = new Int8Array(64).fill(NOT_SEEN)

  /** Each bit comes once, in order. Repeated scans could cost endless time, and no encoder writes them. */
  add({ spectralStart, spectralEnd, high, low }: ScanHeader): void {
    const band = this.missingBits.subarray(spectralStart, spectralEnd + 1)
    if (band.some((missing) => missing !== (high === 0 ? NOT_SEEN : high))) {
      throw new ImageError('the JPEG has a progressive scan that does not follow from those before it')
    }
    band.fill(low)
  }

  get complete(): boolean {
    return this.missingBits.every((missing) => missing === 0)
  }
}

const NOT_SEEN = -1
