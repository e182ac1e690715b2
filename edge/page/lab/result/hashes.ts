/** BlurHash and ThumbHash of the same samples, with no more bytes than the code if their size can be chosen. */
import { decode as decodeBlurHash, encode as encodeBlurHash } from 'blurhash'
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash'
import { mse, psnrDb, ssim } from '../../../../shared/images/metrics.ts'
import type { ImageShape } from '../../../../shared/manifest.ts'
import { toImageData } from './picture.ts'

export interface Hash {
  bytes: number
  image: ImageData
  psnrDb: number
  ssim: number
}

/** A BlurHash of x times y components has 4 + 2xy characters of 83; this is their information in bytes. */
const blurHashBytes = (x: number, y: number) => ((4 + 2 * x * y) * Math.log2(83)) / 8

/** The most components that fit into `bytes`, as near to the picture's aspect as can be. */
function blurHashComponents(bytes: number, aspect: number): [number, number] {
  let best: [number, number] = [1, 1]
  const skew = ([x, y]: [number, number]) => Math.abs(Math.log(x / y / aspect))
  for (let x = 1; x <= 9; x++)
    for (let y = Math.max(1, x - 1); y <= Math.min(9, x + 1); y++) {
      const more = x * y - best[0] * best[1]
      if (blurHashBytes(x, y) <= bytes && (more > 0 || (more === 0 && skew([x, y]) < skew(best))))
        best = [x, y]
    }
  return best
}

export function blurHash(samples: Uint8Array, shape: ImageShape, bytes: number, aspect: number): Hash {
  const { width, height } = shape
  const [x, y] = blurHashComponents(bytes, aspect)
  const hash = encodeBlurHash(toImageData(samples, shape).data, width, height, x, y)
  const image = new ImageData(new Uint8ClampedArray(decodeBlurHash(hash, width, height)), width, height)
  return measure(samples, shape, image, blurHashBytes(x, y))
}

export function thumbHash(samples: Uint8Array, shape: ImageShape): Hash {
  const { width, height } = shape
  const hash = rgbaToThumbHash(width, height, toImageData(samples, shape).data)
  const { w, h, rgba } = thumbHashToRGBA(hash)
  return measure(
    samples,
    shape,
    scale(new ImageData(new Uint8ClampedArray(rgba), w, h), width, height),
    hash.length,
  )
}

/** ThumbHash chooses its own size on decoding (at most 32 a side): to the model's, bilinear. */
function scale(image: ImageData, width: number, height: number): ImageData {
  if (image.width === width && image.height === height) return image
  const from = new OffscreenCanvas(image.width, image.height)
  from.getContext('2d')!.putImageData(image, 0, 0)
  const to = new OffscreenCanvas(width, height).getContext('2d')!
  to.drawImage(from, 0, 0, width, height)
  return to.getImageData(0, 0, width, height)
}

function measure(original: Uint8Array, shape: ImageShape, image: ImageData, bytes: number): Hash {
  const samples = new Uint8Array(original.length)
  for (let i = 0; i < samples.length; i++)
    samples[i] = shape.channels === 3 ? image.data[4 * Math.floor(i / 3) + (i % 3)] : image.data[4 * i + 1]
  return { bytes, image, psnrDb: psnrDb(mse(original, samples)), ssim: ssim(original, samples, shape) }
}
