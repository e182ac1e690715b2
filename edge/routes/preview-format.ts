/** The format of a preview's picture: PNG, exactly the decoder's samples, or a smaller lossy WebP if the client accepts it. */
import { negotiate } from '../http/negotiate.ts'
import { pngOf, type Rendering } from './render.ts'

export type PreviewFormat = 'image/png' | 'image/webp'

/** So fine that nobody sees the difference: 32 dB for a picture of 32 pixels, 44 for one of 512. */
const QUANTIZER = 10
/** WebP's own limit; above it PNG also takes less time. */
const MAX_WEBP_SIDE = 16_383
const MAX_WEBP_PIXELS = 1 << 20
/** For larger pictures the WebP is at most a tenth of the PNG: no need to encode both. */
const SMALL_SAMPLES = 4096
/** A WebP's alpha plane is not compressed here: beyond this many pixels a PNG is smaller. */
const MAX_ALPHA_PIXELS = 1 << 14

/**
 * PNG unless the client names WebP: clients that accept anything (curl, a script) get the exact samples. `isPng`: the
 * URL ends in .png.
 */
export function previewFormat(accept: string | null, isPng: boolean): PreviewFormat {
  if (isPng || accept === null || !/image\/webp/i.test(accept)) return 'image/png'
  return negotiate(accept, ['image/webp', 'image/png'])
}

/** The final type: a tiny picture may be smaller as a PNG, and some pictures are never sent as WebP. */
export async function encodePreview(
  rendering: Rendering,
  format: PreviewFormat,
): Promise<{ body: Uint8Array<ArrayBuffer>; type: PreviewFormat }> {
  const webp = format === 'image/webp' ? await webpOf(rendering) : undefined
  if (webp && rendering.channels === 3 && rendering.samples.length > SMALL_SAMPLES)
    return { body: webp, type: 'image/webp' }
  const png = await pngOf(rendering)
  return webp && webp.length < png.length
    ? { body: webp, type: 'image/webp' }
    : { body: png, type: 'image/png' }
}

/**
 * Grey pictures stay PNG, as a digit's edges would suffer and its PNG is small; so do transparent ones, as encodeWebp
 * has no soft edges.
 */
async function webpOf({
  samples,
  width,
  height,
  channels,
}: Rendering): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const maxPixels = channels === 4 ? MAX_ALPHA_PIXELS : MAX_WEBP_PIXELS
  if (channels === 1 || Math.max(width, height) > MAX_WEBP_SIDE || width * height > maxPixels)
    return undefined
  const { encodeWebp } = await import('../../shared/images/webp/encode/encode-webp.ts')
  return encodeWebp(channels === 4 ? samples : toRgba(samples), width, height, QUANTIZER)
}

function toRgba(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]
    rgba[to + 1] = rgb[from + 1]
    rgba[to + 2] = rgb[from + 2]
  }
  return rgba
}
