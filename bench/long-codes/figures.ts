/** The table of speeds in docs/long-codes.md. */
import type { LongBench } from './bench-result.ts'

type Table = (head: string[], rows: string[][]) => string

/** From results/bench-long.json. */
export function longSpeedTable({ results, convolveGigaMacs }: LongBench, table: Table): string {
  const pair = ({ latent64, webp }: { latent64: number; webp: number }) =>
    `${latent64.toFixed(0)} / ${webp.toFixed(1)} (${(latent64 / webp).toFixed(1)}x)`
  const rows = results.flatMap(({ width, height, bitsAPixel, node, chromium }) =>
    Object.entries({ Node: node, Chromium: chromium }).map(([runtime, { decodeMs, encodeMs }]) => [
      `${width} x ${height}, ${bitsAPixel} bpp, ${runtime}`,
      ...[pair(decodeMs), pair(encodeMs)],
      (decodeMs.latent64 / ((width * height) / 1e6)).toFixed(0),
    ]),
  )
  return (
    `${table(['', 'decode: Latent64 / WebP, ms', 'encode', 'decode, ms per megapixel'], rows)}\n\n` +
    `The convolutions run at ${convolveGigaMacs.toFixed(0)} billion multiply-accumulates per second on one core.`
  )
}
