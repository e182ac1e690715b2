/** Reads PNG line by line into the area average, so 16 megapixels take no more memory than a line. */
import type { ImageShape } from '../../manifest.ts'
import type { ColourTransform } from '../colour/colour-transform.ts'
import { applyOrientation, readOrientation, swapsSides } from '../exif.ts'
import type { DecodeLimits, WorkBudget } from '../limits.ts'
import { putOnWhite } from '../put-on-white.ts'
import { AreaAverage, type Columns, type Size, toChannels } from '../resize.ts'
import type { Samples } from '../samples.ts'
import { type PngChunks, readChunks } from './png-chunks.ts'
import { inflateLines } from './png-lines.ts'
import { type SampleReader, sampleReader } from './png-samples.ts'
import { inflatedBytes, type Pass, passesOf, type TakeLine, withEvenRows } from './png-scanlines.ts'

/** Units of decoding work (limits.ts): per byte of data, per byte that it inflates to, per pixel, and per pixel with alpha. */
const [DATA_BYTE_WORK, BYTE_WORK, PIXEL_WORK, ALPHA_WORK] = [2, 0.7, 0.6, 0.7]
/** Per pixel whose alpha is averaged too. */
const KEPT_ALPHA_WORK = 0.6
/** A code of deflate has 15 bits at most, so no more data is read; blocks are charged as they come. */
const MAX_CODE_BYTES = 2
/**
 * An image that takes more than this is averaged over every other row, if that leaves enough rows for each of the model's:
 * an interlaced one is then inflated by half. Depends only on the file, so the CLI and the service agree.
 */
const [MAX_WORK_OF_ALL_ROWS, LEAST_ROWS] = [32e6, 8]

interface PngImage {
  work: WorkBudget
  chunks: PngChunks
  reader: SampleReader
  toSrgb: ColourTransform | undefined
  passes: Pass[]
  /** 2: every other row stands for two. */
  rowStep: 1 | 2
  keepsAlpha: boolean
}

export async function decodePng(
  png: Uint8Array,
  shape: ImageShape,
  limits: DecodeLimits,
  asksForAlpha = false,
): Promise<Samples> {
  const chunks = readChunks(png, limits, true)
  const { width, height } = chunks.header
  const orientation = readOrientation(chunks.exif)
  const target = swapsSides(orientation) ? { width: shape.height, height: shape.width } : shape
  const image = await planPng(chunks, target, limits.work, asksForAlpha)
  const fits = width === target.width && height === target.height
  const stored = fits ? copyLines(image) : averageLines(image, target)
  const pixels = toChannels(stored.samples, image.reader.channels, shape.channels)
  const samples = applyOrientation(pixels, shape, orientation)
  if (!stored.alpha) return { samples }
  return { samples, alpha: applyOrientation(stored.alpha, { ...shape, channels: 1 }, orientation) }
}

/** Spends what the image takes, before it is inflated. */
async function planPng(
  chunks: PngChunks,
  target: Size,
  work: WorkBudget,
  asksForAlpha: boolean,
): Promise<PngImage> {
  const transform = await transformOf(chunks)
  const reader = sampleReader(chunks, transform)
  const isPalette = chunks.header.colourType === 3 // whose few colours are transformed already
  const toSrgb = isPalette ? undefined : transform
  const keepsAlpha = asksForAlpha && reader.hasAlpha
  const all = passesOf(chunks.header)
  const pixelWork =
    PIXEL_WORK +
    (reader.hasAlpha && !isPalette ? ALPHA_WORK : 0) +
    (keepsAlpha ? KEPT_ALPHA_WORK : 0) +
    (toSrgb?.pixelWork ?? 0)
  const dataBytes = chunks.data.reduce((sum, { length }) => sum + length, 0)
  const workOf = (passes: Pass[], rowStep: number) => {
    const bytes = inflatedBytes(passes, reader.pixelBits)
    const readBytes = Math.min(dataBytes, MAX_CODE_BYTES * bytes)
    const pixels = (chunks.header.width * chunks.header.height) / rowStep
    return readBytes * DATA_BYTE_WORK + bytes * BYTE_WORK + pixels * pixelWork
  }
  const hasManyRows = chunks.header.height >= 2 * LEAST_ROWS * target.height
  const rowStep = hasManyRows && workOf(all, 1) > MAX_WORK_OF_ALL_ROWS ? 2 : 1
  const passes = rowStep === 2 ? withEvenRows(all) : all
  work.spend(workOf(passes, rowStep), 'the PNG')
  return { work, chunks, reader, toSrgb, passes, rowStep, keepsAlpha }
}

async function transformOf(chunks: PngChunks): Promise<ColourTransform | undefined> {
  if (!chunks.codePoints && !chunks.iccProfile) return undefined
  return (await import('./png-colour.ts')).pngColourTransform(chunks)
}

type TakePixels = (pixels: Uint8Array, alphas: Uint8Array, pass: Pass, row: number) => void

/** Hands out each line that counts in sRGB and on white, always in the same arrays. */
function readLines({ work, chunks, reader, toSrgb, passes, rowStep }: PngImage, take: TakePixels): void {
  const { channels } = reader
  const pixels = new Uint8Array(chunks.header.width * channels)
  const alphas = new Uint8Array(chunks.header.width)
  const takeLine: TakeLine = (line, pass, row) => {
    if ((pass.y + row * pass.stepY) % rowStep > 0) return
    reader.read(line, pixels, alphas, pass.width)
    toSrgb?.convert(pixels, pixels, pass.width)
    if (reader.hasAlpha && !reader.isOnWhite) putOnWhite(pixels, alphas, pass.width, channels)
    take(pixels, alphas, pass, row)
  }
  inflateLines(chunks, reader.pixelBits, passes, work, takeLine)
}

/** The image at its own size: [height, width, channels] */
function copyLines(image: PngImage): Samples {
  const { width, height } = image.chunks.header
  const { channels } = image.reader
  const samples = new Uint8Array(width * height * channels)
  const alpha = image.keepsAlpha ? new Uint8Array(width * height) : undefined
  readLines(image, (pixels, alphas, pass, row) => {
    const at = (pass.y + row * pass.stepY) * width + pass.x
    for (let x = 0; x < pass.width; x++) {
      const to = (at + x * pass.stepX) * channels
      for (let c = 0; c < channels; c++) samples[to + c] = pixels[x * channels + c] ?? 0
      if (alpha) alpha[at + x * pass.stepX] = alphas[x]
    }
  })
  return { samples, alpha }
}

function averageLines(image: PngImage, target: Size): Samples {
  const { width, height } = image.chunks.header
  const average = new AreaAverage({ width, height, channels: image.reader.channels }, target)
  const alpha = image.keepsAlpha ? new AreaAverage({ width, height, channels: 1 }, target) : undefined
  const columns = new Map<Pass, Columns>()
  for (const pass of image.passes) {
    columns.set(pass, average.columns({ start: pass.x, step: pass.stepX, size: 1, count: pass.width }))
  }
  readLines(image, (pixels, alphas, pass, row) => {
    const y = pass.y + row * pass.stepY
    const plan = columns.get(pass)
    if (!plan) return
    average.addRow(pixels, plan, y, y + image.rowStep)
    alpha?.addRow(alphas, plan, y, y + image.rowStep)
  })
  return { samples: average.finish(), alpha: alpha?.finish() }
}
