/**
 * The best image file within a number of bytes: each codec at the best of its scales and qualities, drawn at the
 * image's own size.
 */
import sharp, { type Sharp } from 'sharp'
import type { Picture } from '../../shared/grid/pictures.ts'
import { mse } from '../../shared/images/metrics.ts'

type Encode = (image: Sharp, quality: number) => Sharp

export const BUDGET_CODECS: Record<string, { encode: Encode; scales: number[] }> = {
  WebP: {
    encode: (image, quality) => image.webp({ quality, effort: 6 }),
    scales: [1, 0.71, 0.5, 0.35, 0.25],
  },
  AVIF: { encode: (image, quality) => image.avif({ quality, effort: 4 }), scales: [1, 0.6] },
  JPEG: { encode: (image, quality) => image.jpeg({ quality, mozjpeg: true }), scales: [1, 0.71, 0.5, 0.35] },
}

interface BestFile {
  file: Uint8Array
  /** Mean squared error, on samples of [0, 1]. */
  error: number
}

/** The file with the least error within each budget; undefined if none of the codec's files fits. */
export async function bestWithin(
  picture: Picture,
  codec: keyof typeof BUDGET_CODECS,
  budgets: number[],
): Promise<(BestFile | undefined)[]> {
  const { encode, scales } = BUDGET_CODECS[codec]
  const best = new Array<BestFile | undefined>(budgets.length).fill(undefined)
  for (const scale of scales) {
    const files = filesAt(picture, scale, encode)
    for (const [i, budget] of budgets.entries()) {
      const file = await files.largestWithin(budget)
      if (!file) continue
      const error = await errorOf(file, picture)
      if (error < (best[i]?.error ?? Number.POSITIVE_INFINITY)) best[i] = { file, error }
    }
  }
  return best
}

function filesAt({ width, height, samples }: Picture, scale: number, encode: Encode) {
  const raw = { raw: { width, height, channels: 3 as const } }
  const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))] as const
  const known = new Map<number, Uint8Array>()
  const at = async (quality: number) => {
    const found = known.get(quality)
    if (found) return found
    const image = sharp(samples, raw)
    const scaled = scale === 1 ? image : image.resize(...size, { fit: 'fill', kernel: 'lanczos3' })
    const file = new Uint8Array(await encode(scaled, quality).toBuffer())
    known.set(quality, file)
    return file
  }
  return {
    /** By bisection, as a file's length hardly ever falls as its quality rises. */
    async largestWithin(bytes: number): Promise<Uint8Array | undefined> {
      let [low, high] = [0, 100]
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((await at(middle)).length <= bytes) low = middle
        else high = middle - 1
      }
      return low === 0 ? undefined : at(low)
    },
  }
}

async function errorOf(file: Uint8Array, { width, height, samples }: Picture): Promise<number> {
  const drawn = sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
  return mse(samples, new Uint8Array(await drawn.raw().toBuffer()))
}
