/** What results/bench-long.json holds. */
import type { CodecSpeed } from './codec-speed.ts'

export interface LongBench {
  rounds: number
  /** Billions a second: of dec.eighth by convolve.wat, and of the same instructions on registers alone. */
  convolveGigaMacs: { layer: number; limit: number }
  results: {
    longSide: number
    bitsAPixel: number
    width: number
    height: number
    node: CodecSpeed
    chromium: CodecSpeed
  }[]
  cpu: string
  software: Record<string, string>
}
