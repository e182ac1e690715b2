/** The samples that a code gives back: decoded here once the decoder is loaded, until then from the server's PNG. */
import { putOnWhite } from '../../../../shared/images/put-on-white.ts'
import { type ImageShape, sampleCount } from '../../../../shared/manifest.ts'
import { withoutAlpha } from '../../../../shared/preview/decoder.ts'
import { previewPng } from '../api.ts'
import type { Outcome } from '../compress.ts'
import { decodeLatent, loadedDecoder } from '../engine.ts'

export async function decodedSamples(
  { manifest, response }: Outcome,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (response.transparency) return seenOnWhite(response.code, manifest.input)
  const decoder = loadedDecoder(manifest)
  if (decoder) return decodeLatent(decoder, response.latent!)
  return samplesOfPng(await previewPng(response.code, signal), manifest.input)
}

/** Beside the original, which stands on white here. */
async function seenOnWhite(code: string, { width, height }: ImageShape): Promise<Uint8Array> {
  const { decode } = await import('../../../../shared/preview/preview.ts') // few pictures need it
  const { rgba } = decode(code, { width, height })
  const samples = withoutAlpha(rgba)
  const alphas = Uint8Array.from({ length: width * height }, (_, i) => rgba[4 * i + 3])
  putOnWhite(samples, alphas, alphas.length, 3)
  return samples
}

async function samplesOfPng(png: Blob, shape: ImageShape): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(png, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })
  const context = new OffscreenCanvas(shape.width, shape.height).getContext('2d')!
  context.drawImage(bitmap, 0, 0)
  const { data } = context.getImageData(0, 0, shape.width, shape.height)
  const samples = new Uint8Array(sampleCount(shape))
  for (let i = 0; i < samples.length; i++)
    samples[i] = shape.channels === 3 ? data[4 * Math.floor(i / 3) + (i % 3)] : data[4 * i]
  return samples
}
