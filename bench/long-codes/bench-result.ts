/** What results/bench-long.json holds. */
import type { CodecSpeed } from './codec-speed.ts'

export interface LongBench {
  rounds: number
  /** Billions of multiply-accumulates per second in dec.eighth, by convolve.wat. */
  convolveGigaMacs: number
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
