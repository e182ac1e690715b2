/** The samples that a code gives back: decoded here once the decoder is loaded, until then from the server's PNG. */
import { type ImageShape, sampleCount } from '../../../../shared/manifest.ts'
import { previewPng } from '../api.ts'
import type { Outcome } from '../compress.ts'
import { decodeLatent, loadedDecoder } from '../engine.ts'

export async function decodedSamples(
  { manifest, response }: Outcome,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const decoder = loadedDecoder(manifest)
  if (decoder) return decodeLatent(decoder, response.latent!)
  return samplesOfPng(await previewPng(response.code, signal), manifest.input)
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
