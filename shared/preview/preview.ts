/**
 * Decodes previews in the page that shows them, without a request or wasm. A code is bytes or base64url; of a long code
 * the preview it begins with is drawn. Anything else throws CodecError.
 */
import { fromBase64Url } from '../codec/container/base64url.ts'
import { checkByte, numberOfCode } from '../codec/container/container.ts'
import { previewStart, restorePreview, STORED_PREVIEW_BYTES } from '../codec/container/stored-preview.ts'
import { CodecError } from '../codec/errors.ts'
import { alphaPlane } from './alpha.ts'
import { unpackExactly } from './code.ts'
import { coefficientsOf } from './coefficients.ts'
import { drawAlpha, drawPlanes } from './draw.ts'
import type { PreviewParameters } from './parameters.ts'
import { latentOf, type PreviewPayload } from './payload.ts'
import { shippedPreview } from './shipped/shipped.ts'

export interface PreviewImage {
  width: number
  height: number
  /** [height, width, 4], not premultiplied: what ImageData takes. */
  rgba: Uint8ClampedArray<ArrayBuffer>
}

export interface PreviewSize {
  /** In pixels. If only one side is given, the other follows from the original's aspect ratio. */
  width?: number
  height?: number
}

export interface Colour {
  r: number
  g: number
  b: number
  a: number
}

/** The longer side if no size is given. */
const SIDE = 32
const MAX_PIXELS = 1 << 24
const ALTERED = 'the check byte does not match: the code was altered or cut'

interface Unpacked extends PreviewPayload {
  parameters: PreviewParameters
}

function unpack(code: Uint8Array | string): Unpacked {
  const bytes = previewOf(typeof code === 'string' ? fromBase64Url(code) : code)
  const check = bytes.length - 1
  const number = numberOfCode(bytes)
  if (check < 1 || number === undefined)
    throw new CodecError('expected a preview: a code whose first two bits are 00 or 11')
  if (checkByte(bytes, check) !== bytes[check]) throw new CodecError(ALTERED)
  const parameters = shippedPreview(number)
  return { ...unpackExactly(parameters, number, bytes.subarray(0, check)), parameters }
}

/** The preview that a long code begins with (grid-container.ts), or the code itself. */
function previewOf(code: Uint8Array): Uint8Array {
  if (code[0] >> 6 !== 1) return code
  const start = previewStart(code)
  const end = start + STORED_PREVIEW_BYTES
  if (code.length < end) throw new CodecError(`a long code cut at ${code.length} bytes, within its preview`)
  if (code.length > end && checkByte(code.subarray(0, end + 1), end) !== code[end])
    throw new CodecError(ALTERED)
  return restorePreview(code.subarray(start, end))
}

const planesOf = ({ symbols, level, parameters }: Unpacked) =>
  coefficientsOf(parameters, latentOf(symbols, level))

/** The picture at any size: drawn at that size, not scaled. */
export function decode(code: Uint8Array | string, size: PreviewSize = {}): PreviewImage {
  const payload = unpack(code)
  const { width, height } = sizeOf(payload.aspect, size)
  const rgba = drawPlanes(planesOf(payload), width, height)
  if (payload.alpha) drawAlpha(alphaPlane(payload.alpha), rgba, width, height)
  return { width, height, rgba }
}

/** The side that is not given: `side` * part / whole, to the nearest pixel, halves rounded up. */
const follows = (side: number, part: number, whole: number): number =>
  Math.max(1, Math.floor((2 * side * part + whole) / (2 * whole)))

function sizeOf(
  aspect: PreviewPayload['aspect'],
  { width, height }: PreviewSize,
): { width: number; height: number } {
  const lies = aspect.width >= aspect.height
  const across = width ?? (height === undefined && lies ? SIDE : undefined)
  const down = height ?? (width === undefined && !lies ? SIDE : undefined)
  const size = {
    width: across ?? follows(down!, aspect.width, aspect.height),
    height: down ?? follows(across!, aspect.height, aspect.width),
  }
  for (const side of [size.width, size.height])
    if (!Number.isInteger(side) || side < 1) throw new RangeError(`expected whole pixels, got ${side}`)
  if (size.width * size.height > MAX_PIXELS)
    throw new RangeError(`${size.width} x ${size.height} is more than ${MAX_PIXELS} pixels`)
  return size
}

/** Width / height of the original: common ratios exactly, others within 2 %. */
export function aspectRatio(code: Uint8Array | string): number {
  const { width, height } = unpack(code).aspect
  return width / height
}

export function hasAlpha(code: Uint8Array | string): boolean {
  return unpack(code).alpha !== undefined
}

/** The mean colour, in 8 bits: no picture is drawn. */
export function averageColor(code: Uint8Array | string): Colour {
  const payload = unpack(code)
  const means = planesOf(payload).map(({ coefficients }) => ({
    band: 1,
    coefficients: coefficients.subarray(0, 1),
  }))
  const pixel = drawPlanes(means, 1, 1)
  if (payload.alpha) {
    const { coefficients } = alphaPlane(payload.alpha)
    drawAlpha({ band: 1, coefficients: coefficients.subarray(0, 1) }, pixel, 1, 1)
  }
  const [r, g, b, a] = pixel as unknown as [number, number, number, number]
  return { r, g, b, a }
}
