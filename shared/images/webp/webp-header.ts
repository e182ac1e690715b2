/** A WebP file's chunks (RFC 9649), as far as they are needed before libwebp decodes it. */
import { ImageError } from '../errors.ts'
import { type Orientation, readOrientation } from '../exif.ts'
import { checkDimensions, type ImageLimits } from '../limits.ts'

export interface WebpHeader {
  width: number // as stored, before orientation
  height: number
  lossless: boolean
  /** A lossy image with an alpha plane of its own. */
  hasAlphaPlane: boolean
  /** As the file says. If it says no, libvips treats any alpha as opaque, and so do we. */
  transparent: boolean
  orientation: Orientation
  iccProfile: Uint8Array | undefined
  /** The frame that is shown of an animation, whose canvas has the size above. */
  first?: AnimationFrame
}

/** Where it lies on the canvas, its size, and its chunks' bodies. */
export interface AnimationFrame {
  x: number
  y: number
  width: number
  height: number
  lossless: boolean
  data: Uint8Array
  alpha?: Uint8Array
}

const MAX_CHUNKS = 1024
const ANIMATION_FLAG = 0x02
const ALPHA_FLAG = 0x10

interface Frame {
  width: number
  height: number
  lossless: boolean
  transparent: boolean
}

interface Canvas {
  width: number
  height: number
  transparent: boolean
  isAnimated: boolean
}

export function readWebpHeader(webp: Uint8Array, limits: ImageLimits): WebpHeader {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength)
  if (webp.length < 20 || nameAt(view, 0) !== 'RIFF' || nameAt(view, 8) !== 'WEBP') {
    throw new ImageError('expected a WebP: RIFF, a size, WEBP and a chunk')
  }
  const end = 8 + view.getUint32(4, true)
  if (end > webp.length) {
    throw new ImageError(`the WebP is truncated: expected ${end} bytes, got ${webp.length}`)
  }
  let frame: Frame | undefined
  let canvas: Canvas | undefined
  let firstOfAnimation: AnimationFrame | undefined
  let hasAlphaPlane = false
  let exif: Uint8Array | undefined // the first of each counts
  let iccProfile: Uint8Array | undefined
  for (const { name, body } of chunksOf(webp, 12, end)) {
    if (name === 'VP8X') canvas = readCanvas(body)
    else if (name === 'VP8 ') frame ??= readLossyFrame(body)
    else if (name === 'VP8L') frame ??= readLosslessFrame(body)
    else if (name === 'ALPH') hasAlphaPlane = true
    else if (name === 'ANMF' && canvas?.isAnimated) firstOfAnimation ??= readAnimationFrame(body)
    else if (name === 'EXIF') exif ??= withoutPrefix(body)
    else if (name === 'ICCP') iccProfile ??= body
  }
  const common = { orientation: readOrientation(exif), iccProfile }
  if (canvas?.isAnimated) return { ...animationHeader(canvas, firstOfAnimation, limits), ...common }
  if (!frame) throw new ImageError('the WebP has no image data (VP8 or VP8L)')
  const { width, height } = frame
  if (width === 0 || height === 0) {
    throw new ImageError(`expected a WebP with pixels, got ${width} x ${height}`)
  }
  if (canvas && (canvas.width !== width || canvas.height !== height)) {
    throw new ImageError('the WebP has a canvas of another size than its image')
  }
  checkDimensions(width, height, limits)
  const { transparent } = canvas ?? frame
  return { ...frame, transparent, hasAlphaPlane, ...common }
}

function* chunksOf(webp: Uint8Array, start: number, end: number) {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength)
  for (let at = start, count = 0; at + 8 <= end && count < MAX_CHUNKS; count++) {
    const name = nameAt(view, at)
    const length = view.getUint32(at + 4, true)
    if (at + 8 + length > end) {
      throw new ImageError(`the WebP is truncated in its chunk ${JSON.stringify(name)}`)
    }
    yield { name, body: webp.subarray(at + 8, at + 8 + length) }
    at += 8 + length + (length & 1)
  }
}

/** RFC 9649, 2.7.1.1: two offsets in units of two pixels, two sides less one, duration and flags, then chunks. */
function readAnimationFrame(body: Uint8Array): AnimationFrame {
  if (body.length < 16) throw new ImageError('the WebP has a malformed ANMF chunk')
  const place = { x: 2 * uint24(body, 0), y: 2 * uint24(body, 3) }
  const size = { width: 1 + uint24(body, 6), height: 1 + uint24(body, 9) }
  let frame: Frame | undefined
  let alpha: Uint8Array | undefined
  let data: Uint8Array | undefined
  for (const { name, body: chunk } of chunksOf(body, 16, body.length)) {
    if (name === 'ALPH') alpha ??= chunk
    if (name !== 'VP8 ' && name !== 'VP8L') continue
    frame = name === 'VP8 ' ? readLossyFrame(chunk) : readLosslessFrame(chunk)
    data = chunk
    break
  }
  if (!frame || !data) throw new ImageError('the WebP has a frame without image data (VP8 or VP8L)')
  if (frame.width !== size.width || frame.height !== size.height)
    throw new ImageError('the WebP has a frame of another size than its image')
  return { ...place, ...size, lossless: frame.lossless, data, ...(alpha && !frame.lossless && { alpha }) }
}

function animationHeader(canvas: Canvas, first: AnimationFrame | undefined, limits: ImageLimits) {
  const { width, height } = canvas
  if (!first) throw new ImageError('the WebP is an animation without frames')
  if (first.width === 0 || first.x + first.width > width || first.y + first.height > height)
    throw new ImageError('the WebP has a frame beyond its canvas')
  checkDimensions(width, height, limits)
  const { lossless } = first
  // libvips gives every animation an alpha channel, whatever its flag says: there may be nothing beside the frame.
  return { width, height, lossless, transparent: true, hasAlphaPlane: first.alpha !== undefined, first }
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  )
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
}

function readCanvas(body: Uint8Array): Canvas {
  if (body.length < 10) throw new ImageError('the WebP has a malformed VP8X chunk')
  const flags = uint24(body, 0)
  return {
    width: 1 + uint24(body, 4),
    height: 1 + uint24(body, 7),
    transparent: (flags & ALPHA_FLAG) !== 0,
    isAnimated: (flags & ANIMATION_FLAG) !== 0,
  }
}

/** RFC 6386, 9.1: the frame tag, the start code, then two sides of 14 bits with 2 bits of scaling hints. */
function readLossyFrame(body: Uint8Array): Frame {
  if (body.length < 10 || (uint24(body, 0) & 1) !== 0 || uint24(body, 3) !== 0x2a019d) {
    throw new ImageError('the WebP has a malformed VP8 frame')
  }
  return {
    width: uint24(body, 6) & 0x3fff,
    height: uint24(body, 8) & 0x3fff,
    lossless: false,
    transparent: false,
  }
}

/** RFC 9649, 3.4: a signature byte, two sides less one, of 14 bits each, and whether alpha is used. */
function readLosslessFrame(body: Uint8Array): Frame {
  if (body.length < 5 || body[0] !== 0x2f) throw new ImageError('the WebP has a malformed VP8L frame')
  const sides = uint24(body, 1)
  return {
    width: 1 + (sides & 0x3fff),
    height: 1 + ((uint24(body, 2) >>> 6) & 0x3fff),
    lossless: true,
    transparent: (uint24(body, 4) & 0x10) !== 0,
  }
}

/** Some programs begin the chunk with the prefix that EXIF has in a JPEG. */
function withoutPrefix(body: Uint8Array): Uint8Array {
  const prefix = [0x45, 0x78, 0x69, 0x66, 0, 0] // "Exif\0\0"
  return prefix.every((byte, i) => body[i] === byte) ? body.subarray(6) : body
}
