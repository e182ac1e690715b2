/** The JSON response of POST /compress. The service, the CLI and the page all build it here. */
import { ssim } from '../images/metrics.ts'
import { type Manifest, sampleCount } from '../manifest.ts'
import type { Compressed } from './codec.ts'
import { toBase64Url } from './container/base64url.ts'
import { toNumbers } from './to-numbers.ts'

export interface CompressResponse {
  /** base64url without padding */
  code: string
  /** What the decoder gets. [latent]; of a long code, only on request, its highest level's: [block][192] */
  latent?: number[]
  /** Name of the model. */
  model: string
  /** Size of the image as it was sent, in pixels. */
  width: number
  height: number
  /** True if the code keeps the image's transparency. False if the image was opaque, or was put on white. */
  transparency: boolean
  bytes: { total: number; header: number; payload: number }
  /** Bits of the code for each pixel of the model's input. */
  bitsPerPixel: number
  /** 8-bit samples of the model's input per byte of the code. */
  ratio: number
  /** Between the model's input and what /decompress returns, samples on [0, 1]. */
  error: { mse: number; psnrDb: number; ssim: number }
  /** False: the image is unlike those the model was trained on. */
  inDistribution: boolean
}

/** image: as the model got it, 8-bit samples [h, w, c], and its size before that. */
export function compressResponse(
  { name, input }: Manifest,
  image: { samples: Uint8Array; width: number; height: number; alpha?: Uint8Array },
  { code, latent, bytes, samples, mse, psnrDb, inDistribution }: Compressed,
): CompressResponse {
  return {
    code: toBase64Url(code),
    latent: toNumbers(latent),
    model: name,
    width: image.width,
    height: image.height,
    transparency: image.alpha !== undefined,
    bytes,
    bitsPerPixel: (8 * bytes.total) / (input.width * input.height),
    ratio: sampleCount(input) / bytes.total,
    error: { mse, psnrDb, ssim: ssim(image.samples, samples, input) },
    inDistribution,
  }
}
