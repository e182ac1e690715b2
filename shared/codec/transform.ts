/** The networks' part of the codec: samples to latents and back. */
import { sampleCount } from '../manifest.ts'
import { split } from '../network/kernels/float-samples.ts'
import type { Model } from './model.ts'

/** images -> latents [n][latent]. */
export const encode = (model: Model, images: Uint8Array[]): Float32Array[] =>
  runEncoder(model, images).map((latent) => latent.slice())

/** images -> latents [n][latent], views of wasm memory: valid until the next network runs. */
export function runEncoder(model: Model, images: Uint8Array[]): Float32Array[] {
  const size = sampleCount(model.manifest.input)
  for (const { length } of images)
    if (length !== size) throw new RangeError(`expected ${size} samples, got ${length}`)
  return split(model.encoder.runOnSamples(images), images.length)
}

/** latents [n][latent] -> 8-bit samples [n][h * w * c]. */
export function decode(
  model: Pick<Model, 'manifest' | 'decoder'>,
  latents: ArrayLike<number>[],
): Uint8Array[] {
  const { latent } = model.manifest
  const y = model.decoder.input(latents.length)
  latents.forEach((values, i) => {
    y.set(values, i * latent)
  })
  return split(model.decoder.runToSamples(latents.length), latents.length)
}

/** latent [latent] -> 8-bit samples [h * w * c]. */
export function decodeLatent(
  model: Pick<Model, 'manifest' | 'decoder'>,
  latent: ArrayLike<number>,
): Uint8Array {
  return decode(model, [latent])[0]
}
