/** Inflates a PNG's data into scanlines. */
import { ImageError } from '../errors.ts'
import { InflateError } from '../inflate/bit-input.ts'
import { inflate } from '../inflate/inflate.ts'
import type { WorkBudget } from '../limits.ts'
import type { PngChunks } from './png-chunks.ts'
import { type Pass, Scanlines, type TakeLine } from './png-scanlines.ts'

/** Units of decoding work (limits.ts) for a block's tables. */
const BLOCK_WORK = 1000

/** Whatever follows the last line is ignored, both in the data and in what it inflates to. */
export function inflateLines(
  { data }: PngChunks,
  pixelBits: number,
  passes: Pass[],
  work: WorkBudget,
  take: TakeLine,
): void {
  const scanlines = new Scanlines(passes, pixelBits, take)
  try {
    inflate(data, {
      onBlock: () => work.spend(BLOCK_WORK, 'the PNG'),
      take(bytes) {
        scanlines.push(bytes)
        return scanlines.complete
      },
    })
  } catch (error) {
    if (!(error instanceof InflateError)) throw error
    if (scanlines.complete) return // damage after the last line
    throw new ImageError(`the PNG's image data does not inflate: ${error.message}`)
  }
  if (!scanlines.complete) throw new ImageError('the PNG holds less image data than its header says')
}
