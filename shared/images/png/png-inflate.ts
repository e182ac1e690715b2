/** Inflates a PNG's data into scanlines, in steps that bound what a step can inflate to. */
import { Unzlib, unzlibSync } from 'fflate'
import { ImageError } from '../errors.ts'
import type { PngChunks } from './png-chunks.ts'
import { inflatedBytes, type Pass, Scanlines, type TakeLine } from './png-scanlines.ts'

/**
 * Up to here the data is inflated in one call, which is faster. It has no bound but the 1032 times that deflate
 * allows, so the data must not be much larger than what it is to give.
 */
const ONE_CALL_BYTES = 65536
const SURPLUS_BYTES = 1024
/**
 * Above that it is inflated in steps: fflate holds all that a step inflates to, up to 1032 times its size, before it
 * can be seen to be too much. So a step is in proportion to what the header implies: a few hundred for a whole image.
 */
const STEPS = 256
const MIN_STEP_BYTES = 1024
/** 16384 would be 10 % faster, and peak at up to 79 MB instead of 72 for 16 megapixels. */
const MAX_STEP_BYTES = 4096

/** What follows the last line, of the data or of what it inflates to, is left alone. */
export function inflateLines({ data }: PngChunks, pixelBits: number, passes: Pass[], take: TakeLine): void {
  const scanlines = new Scanlines(passes, pixelBits, take)
  const expected = inflatedBytes(passes, pixelBits)
  try {
    const [only] = data.length === 1 ? data : []
    const isSmall = only && expected <= ONE_CALL_BYTES && only.length <= expected + SURPLUS_BYTES
    if (isSmall) scanlines.push(unzlibSync(only, { out: new Uint8Array(expected) }))
    else inflateInSteps(data, expected, scanlines)
  } catch (error) {
    if (error instanceof ImageError) throw error
    if (scanlines.complete) return // damage behind the last line
    throw new ImageError(`the PNG's image data does not inflate: ${(error as Error).message}`)
  }
  if (!scanlines.complete) throw new ImageError('the PNG holds less image data than its header says')
}

function inflateInSteps(data: Uint8Array[], expected: number, scanlines: Scanlines): void {
  const inflater = new Unzlib((bytes) => scanlines.push(bytes))
  for (const step of steps(data, stepBytes(expected))) {
    inflater.push(step)
    if (scanlines.complete) return
  }
  inflater.push(new Uint8Array(0), true)
}

function stepBytes(inflatedBytes: number): number {
  return Math.max(MIN_STEP_BYTES, Math.min(MAX_STEP_BYTES, Math.ceil(inflatedBytes / STEPS)))
}

/** The data in steps of one size, whatever the sizes of its chunks. */
function* steps(data: Uint8Array[], size: number): Generator<Uint8Array> {
  let step = new Uint8Array(size)
  let filled = 0
  for (const chunk of data) {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(size - filled, chunk.length - at)
      step.set(chunk.subarray(at, at + take), filled)
      filled += take
      at += take
      if (filled < size) continue
      yield step
      step = new Uint8Array(size) // fflate may keep the one it got
      filled = 0
    }
  }
  if (filled > 0) yield step.subarray(0, filled)
}
