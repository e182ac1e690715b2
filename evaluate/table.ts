import type { Comparison, Point, RateDistortion } from './results-schema.ts'

/** The summary as a table on standard output. */
export function printResult({ data, model, points, comparisons }: RateDistortion): void {
  const { height, width, channels } = data.shape
  console.log(
    `\n${model!.name} (${model!.id}) on ${data.name}: ${data.images} images of ${width}x${height}x${channels}`,
  )
  console.table(
    Object.fromEntries(points.map((point) => [`${point.codec} ${point.setting}`, pointRow(point)])),
  )
  if (!comparisons) return
  console.log('Latent64 against the others (BD-rate: its bytes against theirs at equal PSNR)')
  console.table(Object.fromEntries(comparisons.map(comparisonRow)))
}

const fixed = (value: number | null | undefined, digits: number) =>
  value === null || value === undefined ? '' : Number(value.toFixed(digits))

function pointRow({ bytes, psnrDb, ssim, images, ...point }: Point) {
  return {
    images,
    bytes: fixed(bytes.total, 1),
    payload: fixed(bytes.payload, 1),
    bpp: fixed(point.bitsPerPixel, 3),
    'PSNR dB': fixed(psnrDb, 2),
    SSIM: fixed(ssim, 3),
    'luma dB': fixed(point.lumaPsnrDb, 2),
    'chroma dB': fixed(point.chromaPsnrDb, 2),
    'encode us': fixed(point.encodeMicroseconds, 0),
    'decode us': fixed(point.decodeMicroseconds, 0),
  }
}

/** One row per codec: its curve as a whole, and its smallest size in detail. */
function comparisonRow({ codec, bdRate, points }: Comparison) {
  const smallest = points.toSorted((a, b) => a.bytes - b.bytes)[0]
  const row = {
    'BD-rate %': fixed(bdRate?.percent, 1),
    'over dB': bdRate ? `${bdRate.fromDb.toFixed(1)} to ${bdRate.toDb.toFixed(1)}` : '',
    smallest: smallest.setting,
    bytes: fixed(smallest.bytes, 1),
    'PSNR dB': fixed(smallest.psnrDb, 2),
    'our bytes at its PSNR': fixed(smallest.latent64BytesAtEqualPsnr, 1),
    'our dB at its bytes': fixed(smallest.latent64PsnrDbAtEqualBytes, 2),
  }
  return [codec, row] as const
}
