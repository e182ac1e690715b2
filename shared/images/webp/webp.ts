/** Reads WebP: libwebp decodes the frame into wasm memory, and its rows go from there into the area average. */
import type { ImageShape } from '../../manifest.ts'
import type { ColourTransform } from '../colour/colour-transform.ts'
import { ImageError, ImageTooLargeError } from '../errors.ts'
import { applyOrientation, swapsSides } from '../exif.ts'
import { type DecodeLimits, MAX_PROFILE_BYTES } from '../limits.ts'
import { putOnWhite } from '../put-on-white.ts'
import { areaAverageRows, toChannels } from '../resize.ts'
import type { Samples } from '../samples.ts'
import { canvasRows, stillOf } from './animation.ts'
import { decodeWithLibwebp } from './libwebp.ts'
import { readWebpHeader, type WebpHeader } from './webp-header.ts'

/**
 * libwebp needs the whole frame in memory: RGBA, for lossless images also the coded pixels, for alpha planes two more
 * bytes per pixel. This is enough for 12 megapixels of a lossy image, 8 with alpha, 6 lossless.
 */
const MAX_FRAME_BYTES = 48e6
/**
 * For the frame, the file and libwebp's two copies of it: a file of 4 MB may have 12 megapixels, one of 10 MB no more
 * than 7.
 */
const MAX_MEMORY_BYTES = 60e6
/** Units of decoding work (limits.ts): per pixel, per byte of the file, and for the instance. */
const [PIXEL_WORK, BYTE_WORK, INSTANCE_WORK] = [4, 5, 2e5]

export async function decodeWebp(
  webp: Uint8Array,
  shape: ImageShape,
  limits: DecodeLimits,
  keepsAlpha = false,
): Promise<Samples> {
  const header = readWebpHeader(webp, limits)
  const { first } = header
  const file = first ? stillOf(first) : webp
  const frame = first ?? header
  checkFrame({ ...header, width: frame.width, height: frame.height }, file.length)
  const toSrgb = await transformOf(header)
  const pixelWork = PIXEL_WORK + (toSrgb?.pixelWork ?? 0)
  const pixels = header.width * header.height
  limits.work.spend(INSTANCE_WORK + pixels * pixelWork + webp.length * BYTE_WORK, 'the WebP')
  const target = swapsSides(header.orientation) ? { width: shape.height, height: shape.width } : shape
  let stored: Uint8Array | undefined
  let alpha: Uint8Array | undefined
  await decodeWithLibwebp(file, (rgba, frameWidth, frameHeight) => {
    if (frameWidth !== frame.width || frameHeight !== frame.height) {
      throw new ImageError('the WebP decodes to another size than its header says')
    }
    const { width, height } = header
    const rowOf = first
      ? canvasRows(rgba, first, width)
      : (y: number) => rgba.subarray(4 * y * width, 4 * (y + 1) * width)
    stored = areaAverageRows({ width, height, channels: 3 }, target, rgbRows(rowOf, header, toSrgb))
    if (keepsAlpha && header.transparent)
      alpha = areaAverageRows({ width, height, channels: 1 }, target, alphaRows(rowOf, width))
  })
  if (!stored) throw new ImageError('the WebP does not decode')
  const samples = applyOrientation(toChannels(stored, 3, shape.channels), shape, header.orientation)
  if (!alpha) return { samples }
  return { samples, alpha: applyOrientation(alpha, { ...shape, channels: 1 }, header.orientation) }
}

async function transformOf({ iccProfile }: WebpHeader): Promise<ColourTransform | undefined> {
  if (!iccProfile || iccProfile.length > MAX_PROFILE_BYTES) return undefined
  return (await import('../colour/icc-profile.ts')).colourTransform(iccProfile, 3)
}

function checkFrame({ width, height, lossless, hasAlphaPlane }: WebpHeader, fileBytes: number): void {
  const pixelBytes = lossless ? 8 : hasAlphaPlane ? 6 : 4
  const maxBytes = Math.min(MAX_FRAME_BYTES, Math.max(0, MAX_MEMORY_BYTES - 3 * fileBytes))
  const maxPixels = Math.floor(maxBytes / pixelBytes)
  if (width * height <= maxPixels) return
  const kind = lossless ? 'lossless WebP' : hasAlphaPlane ? 'WebP with alpha' : 'WebP'
  const expected = `expected at most ${maxPixels} pixels of a ${kind} of ${fileBytes} bytes`
  throw new ImageTooLargeError(`${expected}, got ${width} x ${height}`)
}

type RowOf = (y: number) => Uint8Array // [4 * width]

/** Writes a row as RGB, in sRGB and on white. */
function rgbRows(rowOf: RowOf, { width, transparent }: WebpHeader, toSrgb: ColourTransform | undefined) {
  const alphas = new Uint8Array(width)
  return (y: number, pixels: Uint8Array): void => {
    const rgba = rowOf(y)
    for (let x = 0, from = 0, to = 0; x < width; x++, from += 4) {
      pixels[to++] = rgba[from] ?? 0
      pixels[to++] = rgba[from + 1] ?? 0
      pixels[to++] = rgba[from + 2] ?? 0
      alphas[x] = rgba[from + 3] ?? 0
    }
    toSrgb?.convert(pixels, pixels, width)
    if (transparent) putOnWhite(pixels, alphas, width, 3)
  }
}

/** Writes the opacity of a row. [w] */
const alphaRows = (rowOf: RowOf, width: number) => (y: number, alphas: Uint8Array) => {
  const rgba = rowOf(y)
  for (let x = 0, from = 3; x < width; x++, from += 4) alphas[x] = rgba[from]
}
