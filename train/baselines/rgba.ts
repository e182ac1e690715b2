import sharp from 'sharp'
import type { ImageShape } from '../../shared/manifest.ts'

export function toRgba(samples: Uint8Array, { height, width, channels }: ImageShape): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(height * width * 4).fill(255)
  for (let pixel = 0; pixel < height * width; pixel++)
    for (let c = 0; c < 3; c++) rgba[pixel * 4 + c] = samples[pixel * channels + (channels === 1 ? 0 : c)]
  return rgba
}

/** RGBA -> samples of the shape. A grey image comes back with R = G = B up to rounding, so its green is used. */
export function fromRgba(rgba: ArrayLike<number>, { height, width, channels }: ImageShape): Uint8Array {
  const samples = new Uint8Array(height * width * channels)
  for (let pixel = 0; pixel < height * width; pixel++)
    for (let c = 0; c < channels; c++)
      samples[pixel * channels + c] = rgba[pixel * 4 + (channels === 1 ? 1 : c)]
  return samples
}

interface RgbaImage {
  w: number
  h: number
  rgba: Uint8Array
}

/** Resamples to exactly this size, bicubic; an image of that size passes untouched. */
export async function resizeRgba({ w, h, rgba }: RgbaImage, size: { width: number; height: number }) {
  if (w === size.width && h === size.height) return rgba
  const image = sharp(rgba, { raw: { width: w, height: h, channels: 4 } })
  return image.resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
}
