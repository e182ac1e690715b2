/** PNG in: line by line into the area average, so that 16 megapixels take no more memory than a line does. */
import { Unzlib, unzlibSync } from 'fflate'
import type { ImageShape } from '../../manifest.ts'
import { ImageError } from '../errors.ts'
import { applyOrientation, swapsSides } from '../exif.ts'
import type { ImageLimits } from '../limits.ts'
import { AreaAverage, type Columns, type Size, toChannels } from '../resize.ts'
import { type PngChunks, readChunks } from './png-chunks.ts'
import { type SampleReader, sampleReader } from './png-samples.ts'
import { inflatedBytes, type Pass, passesOf, Scanlines, type TakeLine } from './png-scanlines.ts'

/** Up to here the data is inflated in one call: faster, and fflate's own bounds do not matter yet. */
const ONE_CALL_BYTES = 65536
/**
 * Above that it is inflated in steps: fflate holds all that a step inflates to, up to 1032 times its size, before it
 * can be seen to be too much. So a step is in proportion to what the header implies: a few hundred for a whole image.
 */
const STEPS = 256
const MIN_STEP_BYTES = 1024
/** 16384 would be 10 % faster, and peak at up to 79 MB in place of 72 for 16 megapixels. */
const MAX_STEP_BYTES = 4096

export function decodePng(png: Uint8Array, shape: ImageShape, limits: ImageLimits): Uint8Array {
  const chunks = readChunks(png, limits, true)
  const { width, height } = chunks.header
  const swaps = swapsSides(chunks.orientation)
  const target = swaps ? { width: shape.height, height: shape.width } : shape
  const reader = sampleReader(chunks)
  const passes = passesOf(chunks.header)
  const fits = width === target.width && height === target.height
  const stored = fits ? copyLines(chunks, reader, passes) : averageLines(chunks, reader, passes, target)
  const samples = toChannels(stored, reader.channels, shape.channels)
  return applyOrientation(samples, shape, chunks.orientation)
}

/** The image as it is: [height, width, channels] */
function copyLines(chunks: PngChunks, reader: SampleReader, passes: Pass[]): Uint8Array {
  const { width, height } = chunks.header
  const { channels } = reader
  const samples = new Uint8Array(width * height * channels)
  const pixels = new Uint8Array(width * channels)
  inflateLines(chunks, reader, passes, (line, index, row) => {
    const pass = passes[index]!
    const at = (pass.y + row * pass.stepY) * width + pass.x
    if (pass.stepX === 1) {
      reader.read(line, samples.subarray(at * channels, (at + pass.width) * channels), pass.width)
      return
    }
    reader.read(line, pixels.subarray(0, pass.width * channels), pass.width)
    for (let x = 0; x < pass.width; x++) {
      const to = (at + x * pass.stepX) * channels
      for (let c = 0; c < channels; c++) samples[to + c] = pixels[x * channels + c]!
    }
  })
  return samples
}

function averageLines(chunks: PngChunks, reader: SampleReader, passes: Pass[], target: Size): Uint8Array {
  const { width, height } = chunks.header
  const { channels } = reader
  const average = new AreaAverage({ width, height, channels }, target)
  const columns = passes.map((pass): Columns => {
    return average.columns({ start: pass.x, step: pass.stepX, size: 1, count: pass.width })
  })
  const pixels = new Uint8Array(width * channels)
  inflateLines(chunks, reader, passes, (line, index, row) => {
    const pass = passes[index]!
    const y = pass.y + row * pass.stepY
    reader.read(line, pixels.subarray(0, pass.width * channels), pass.width)
    average.addRow(pixels, columns[index]!, y, y + 1)
  })
  return average.finish()
}

function inflateLines(
  { data }: PngChunks,
  { pixelBits }: SampleReader,
  passes: Pass[],
  take: TakeLine,
): void {
  const scanlines = new Scanlines(passes, pixelBits, take)
  const expected = inflatedBytes(passes, pixelBits)
  try {
    if (data.length === 1 && data[0]!.length <= ONE_CALL_BYTES && expected <= ONE_CALL_BYTES) {
      // One byte more than expected, or data that inflates to too much would go unnoticed.
      scanlines.push(unzlibSync(data[0]!, { out: new Uint8Array(expected + 1) }))
    } else {
      const inflater = new Unzlib((bytes) => scanlines.push(bytes))
      let stepsBeyond = 0 // the last lines' step may be followed by one more, with the checksum
      for (const step of steps(data, stepBytes(expected))) {
        if (scanlines.complete && ++stepsBeyond > 1)
          throw new ImageError('the PNG goes on after its last line')
        inflater.push(step)
      }
      inflater.push(new Uint8Array(0), true)
    }
  } catch (error) {
    if (error instanceof ImageError) throw error
    throw new ImageError(`the PNG's image data does not inflate: ${(error as Error).message}`)
  }
  if (!scanlines.complete) throw new ImageError('the PNG holds less image data than its header says')
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
