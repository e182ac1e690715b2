/** The codecs that a trained model is compared with, on the same held-out images. */
import { mse, psnrDb } from '../../shared/images/metrics.ts'
import { sampleCount } from '../../shared/manifest.ts'
import type { ImageSet } from '../data/images.ts'
import { principalComponents } from '../networks/pca.ts'
import { fitTables, project, rateBits, reconstruct } from './linear-codec.ts'
import { fromThumbHash, toThumbHash } from './thumb-hash.ts'

export interface BaselinePoint {
  codec: string
  bytes: number // mean per image
  psnrDb: number // of the mean squared error
}

const COMPONENTS = 64
/** Enough samples for two decimals, and few enough to take seconds. */
const FITTED_SAMPLES = 2 ** 22
const STEP_TRIALS = 16

/** ThumbHash, and principal components at the same rate as the model's default level. */
export async function measureBaselines(
  training: ImageSet,
  heldOut: ImageSet,
  targetBytes: number,
): Promise<BaselinePoint[]> {
  return [await throughThumbHash(heldOut), await throughComponents(training, heldOut, targetBytes)]
}

async function throughThumbHash({ samples, count, shape }: ImageSet): Promise<BaselinePoint> {
  const size = sampleCount(shape)
  let bytes = 0
  let error = 0
  for (let i = 0; i < count; i++) {
    const image = samples.subarray(i * size, (i + 1) * size)
    const hash = await toThumbHash(image, shape)
    bytes += hash.length
    error += mse(image, await fromThumbHash(hash, shape))
  }
  return { codec: 'ThumbHash', bytes: bytes / count, psnrDb: psnrDb(error / count) }
}

async function throughComponents(
  training: ImageSet,
  heldOut: ImageSet,
  targetBytes: number,
): Promise<BaselinePoint> {
  const size = sampleCount(training.shape)
  const count = Math.min(training.count, Math.max(1, Math.floor(FITTED_SAMPLES / size)))
  const fitted = { ...training, count, samples: training.samples.subarray(0, count * size) }
  const used = Math.min(COMPONENTS, size)
  const components = await principalComponents(fitted, used, 1)
  const known = await project(fitted, components)
  const latents = await project(heldOut, components)
  const meanBytes = (step: number) => {
    const tables = fitTables(known, used, step)
    return latents.reduce((sum, latent) => sum + rateBits(latent, used, step, tables), 0) / latents.length / 8
  }
  const step = stepForBytes(meanBytes, targetBytes)
  const decoded = await reconstruct(latents, components, used, step)
  const error = decoded.reduce(
    (sum, image, i) => sum + mse(image, heldOut.samples.subarray(i * size, (i + 1) * size)),
    0,
  )
  const codec = `principal components (${used}, ideal entropy coding)`
  return { codec, bytes: meanBytes(step), psnrDb: psnrDb(error / heldOut.count) }
}

/** Bytes fall as the step grows: bisection on its logarithm. */
function stepForBytes(meanBytes: (step: number) => number, targetBytes: number): number {
  let [fine, coarse] = [1 / 256, 64]
  for (let i = 0; i < STEP_TRIALS; i++) {
    const middle = Math.sqrt(fine * coarse)
    if (meanBytes(middle) > targetBytes) fine = middle
    else coarse = middle
  }
  return coarse
}
