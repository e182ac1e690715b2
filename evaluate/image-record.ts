import { groupBy } from '../node/group-by.ts'
import { mse, psnrDb, ssim } from '../shared/images/metrics.ts'
import type { ImageShape } from '../shared/manifest.ts'
import { median } from './median.ts'
import type { Point } from './results-schema.ts'

/** One image through one codec at one setting: a line of the per-image JSON lines. */
export interface ImageRecord {
  image: string
  codec: string
  setting: string
  bytes: { total: number; header?: number; payload?: number }
  bitsPerPixel: number
  mse: number
  psnrDb: number
  ssim: number
  lumaMse?: number
  chromaMse?: number
  encodeMicroseconds?: number
  decodeMicroseconds?: number
  inDistribution?: boolean
}

interface CodedImage {
  bytes: ImageRecord['bytes']
  samples: Uint8Array
  encodeMicroseconds?: number
  decodeMicroseconds?: number
  inDistribution?: boolean
}

export function recordOf(
  name: { image: string; codec: string; setting: string },
  original: Uint8Array,
  { samples, ...coded }: CodedImage,
  shape: ImageShape,
): ImageRecord {
  const distortion = mse(original, samples)
  return {
    ...name,
    ...coded,
    bitsPerPixel: (coded.bytes.total * 8) / (shape.height * shape.width),
    mse: distortion,
    psnrDb: psnrDb(distortion),
    ssim: ssim(original, samples, shape),
    ...(shape.channels === 3 && lumaChromaMse(original, samples)),
  }
}

/** Errors of Y, and of Cb and Cr together: ITU-R BT.601 over the full range, as JPEG has it, on [0, 1]. */
export function lumaChromaMse(a: Uint8Array, b: Uint8Array): { lumaMse: number; chromaMse: number } {
  let luma = 0
  let chroma = 0
  for (let i = 0; i < a.length; i += 3) {
    const [red, green, blue] = [a[i] - b[i], a[i + 1] - b[i + 1], a[i + 2] - b[i + 2]]
    const y = 0.299 * red + 0.587 * green + 0.114 * blue
    luma += y * y
    chroma += ((blue - y) / 1.772) ** 2 + ((red - y) / 1.402) ** 2
  }
  const pixels = a.length / 3
  return { lumaMse: luma / pixels / 255 ** 2, chromaMse: chroma / (2 * pixels) / 255 ** 2 }
}

/** The records of one codec and setting -> a point on the codec's curve. */
export function summarize(records: ImageRecord[]): Point {
  const mean = (of: (record: ImageRecord) => number) =>
    records.reduce((sum, record) => sum + of(record), 0) / records.length
  const { codec, setting, bytes, lumaMse, encodeMicroseconds } = records[0]
  const distortion = mean((record) => record.mse)
  return {
    codec,
    setting,
    images: records.length,
    bytes: {
      total: mean((record) => record.bytes.total),
      ...(bytes.header !== undefined && {
        header: mean((record) => record.bytes.header!),
        payload: mean((record) => record.bytes.payload!),
      }),
    },
    bitsPerPixel: mean((record) => record.bitsPerPixel),
    mse: distortion,
    psnrDb: psnrDb(distortion),
    ssim: mean((record) => record.ssim),
    ...(lumaMse !== undefined && {
      lumaPsnrDb: psnrDb(mean((record) => record.lumaMse!)),
      chromaPsnrDb: psnrDb(mean((record) => record.chromaMse!)),
    }),
    ...(encodeMicroseconds !== undefined && {
      encodeMicroseconds: median(records.map((record) => record.encodeMicroseconds!)),
      decodeMicroseconds: median(records.map((record) => record.decodeMicroseconds!)),
    }),
  }
}

/** Records in any order -> one point for each codec and setting, in order of first appearance. */
export function summarizeAll(records: ImageRecord[]): Point[] {
  const groups = groupBy(records, ({ codec, setting }) => `${codec} ${setting}`)
  return [...groups.values()].map(summarize)
}
