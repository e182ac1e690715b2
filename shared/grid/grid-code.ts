/**
 * Long codes: a preview code and, after it, the bit planes of what it lacks (grid-container.ts, grid-codec.ts). The
 * code for fewer bytes is a prefix of the one for more, except for its header and its last byte.
 */

import { MAX_SIDE, packSize, unpackSize } from '../codec/container/original-size.ts'
import { CodecError, UnreachableRateError } from '../codec/errors.ts'
import { mse, psnrDb } from '../images/metrics.ts'
import { type DecodedGrid, type DrawPreview, decodeGrid, encodeGrid, type GridModel } from './grid-codec.ts'
import {
  type GridContainer,
  headBytes,
  isGridCode,
  MAX_GRID_CODE_BYTES,
  packGridContainer,
  unpackGridContainer,
} from './grid-container.ts'
import type { Picture } from './pictures.ts'
import { BitDecoder, BitEncoder, EndOfCode } from './planes/bit-coder.ts'
import type { LevelSymbols } from './planes/level-symbols.ts'
import { LatentErrors } from './search/latent-error.ts'
import { shortestOf } from './search/shortest-code.ts'

/** Draws the placeholder that a picture starts from. Throws CodecError for anything but one of its codes. */
export type PreviewReader = (previewCode: Uint8Array) => DrawPreview

const SCALE_BITS = 4
/** A picture is coded at its own size times 2^(-scale / 4). */
const SCALES_AN_OCTAVE = 4
/** The most that is coded: a search for a quality in twice as many would take a worker more than a second. */
const MAX_CODED_PIXELS = 768 * 512
/** Nearly every picture can have this quality, so whether this one can is checked only if the search does not find it. */
const EASY_DB = 26
/** The quality assumed of the finest code until then. */
const USUAL_FINEST_DB = 34
/** At most this much of the stream is not bit planes. */
const STREAM_HEAD_BYTES = 7
const NUMBER_BITS = 6

export interface Size {
  width: number
  height: number
}

/** The scale at which an image is coded, and its size there. */
export function codedSize({ width, height }: Size, scale: number): Size {
  const factor = 2 ** (-scale / SCALES_AN_OCTAVE)
  const side = (pixels: number) => Math.max(1, Math.round(pixels * factor))
  return { width: side(width), height: side(height) }
}

/** Undefined for an image that is too long and thin to be coded. */
export function scaleFor(size: Size): number | undefined {
  for (let scale = 0; scale < 1 << SCALE_BITS; scale++) {
    const { width, height } = codedSize(size, scale)
    if (width * height <= MAX_CODED_PIXELS && Math.max(width, height) <= 4096) return scale
  }
  return undefined
}

interface GridRequest {
  original: Size
  /** The original, at codedSize(original, scale). */
  picture: Picture
  scale: number
  previewCode: Uint8Array
  /** The code has at most this many bytes, and fills them if the picture has enough detail. */
  maxBytes?: number
  /** The code is the shortest of at least this quality, at the coded size. */
  targetPsnrDb?: number
}

export interface GridCompressed {
  code: Uint8Array
  /** What decompress draws. */
  decoded: DecodedGrid
  mse: number
  psnrDb: number
}

/** The length of the shortest long code with this preview. */
export const leastGridBytes = (previewCode: Uint8Array) => headBytes(previewCode, 0) + 1 + STREAM_HEAD_BYTES

/** Bytes of a code before its planes: head, preview, and the check at its end. */
export const headOf = (code: Uint8Array, previewCode: Uint8Array) => headBytes(previewCode, code.length) + 1

export function compressGrid(
  model: GridModel & { number: number },
  readPreview: PreviewReader,
  request: GridRequest,
): GridCompressed {
  const { previewCode, targetPsnrDb } = request
  const maxBytes = Math.min(request.maxBytes ?? MAX_GRID_CODE_BYTES, MAX_GRID_CODE_BYTES)
  const smallestBytes = leastGridBytes(previewCode)
  if (maxBytes < smallestBytes)
    throw new UnreachableRateError(
      `a long code of this image has at least ${smallestBytes} bytes, more than the ${maxBytes} allowed`,
      { smallestBytes },
    )
  const draw = (code: Uint8Array) =>
    measured(code, decompressGrid(model, readPreview, code).decoded, request.picture)
  const preview = readPreview(previewCode)
  if (targetPsnrDb === undefined) {
    const { whole, codeOf, drawWhole } = embeddedCode(model, preview, request, maxBytes)
    const code = codeOf(whole)
    return drawWhole ? measured(code, drawWhole(), request.picture) : draw(code)
  }
  const shortest = ({ whole, codeOf, errors }: EmbeddedCode) =>
    shortestOf(
      smallestBytes,
      whole,
      errors?.psnrDb ?? targetPsnrDb,
      targetPsnrDb,
      (bytes) => draw(codeOf(bytes)),
      (goalDb, drawn) => errors?.bytesFor(goalDb, drawn),
    )
  const found = shortest(embeddedCode(model, preview, request, maxBytes, targetPsnrDb))
  if (found.psnrDb >= targetPsnrDb) return found
  const finest = shortest(embeddedCode(model, preview, request, maxBytes))
  if (finest.psnrDb < targetPsnrDb) throw unreachable(targetPsnrDb, finest.psnrDb)
  return finest
}

const unreachable = (targetPsnrDb: number, highestPsnrDb: number) =>
  new UnreachableRateError(
    `the finest code of this image has ${highestPsnrDb.toFixed(2)} dB, less than the ${targetPsnrDb} asked for`,
    { highestPsnrDb },
  )

/** A code of which any beginning is one. */
interface EmbeddedCode {
  /** Its length. */
  whole: number
  codeOf(bytes: number): Uint8Array
  /** Draws the whole code without decoding it. Undefined if some planes are missing from it. */
  drawWhole: (() => DecodedGrid) | undefined
  /** Only for a request with targetPsnrDb, and only if the bytes reach the highest level. */
  errors: LatentErrors | undefined
}

/** sufficientDb: planes are left out that are hardly needed for this quality. */
function embeddedCode(
  model: GridModel & { number: number },
  preview: DrawPreview,
  { original, scale, picture, previewCode, targetPsnrDb }: GridRequest,
  maxBytes: number,
  sufficientDb = Number.POSITIVE_INFINITY,
): EmbeddedCode {
  const coder = new BitEncoder(maxBytes)
  packBeforePlanes(coder, model.number, scale, original)
  const head = headBytes(previewCode, maxBytes) + 1
  let errors: LatentErrors | undefined
  const measure = (source: LevelSymbols, drawFinest: () => Picture, bytes: number) => {
    const isEasy = sufficientDb <= EASY_DB
    const finestPsnrDb = isEasy ? USUAL_FINEST_DB : psnrDb(mse(picture.samples, drawFinest().samples))
    if (finestPsnrDb < targetPsnrDb!) throw unreachable(targetPsnrDb!, finestPsnrDb)
    const found = new LatentErrors(source, head + bytes, finestPsnrDb)
    errors = found
    return (plane: number, group: number, bytes: number) => {
      found.segmentEnded(plane, group, head + bytes)
      return found.suffice(sufficientDb)
    }
  }
  const drawWhole = encodeGrid(model, coder, picture, preview, targetPsnrDb === undefined ? {} : { measure })
  const stream = coder.finish()
  const bytes = head + stream.length
  return {
    whole: Math.min(maxBytes, bytes),
    drawWhole: bytes <= maxBytes ? drawWhole : undefined,
    codeOf: (bytes) => packGridContainer(previewCode, stream, bytes),
    errors,
  }
}

function measured(code: Uint8Array, decoded: DecodedGrid, { samples }: Picture): GridCompressed {
  const distortion = mse(samples, decoded.picture.samples)
  return { code, decoded, mse: distortion, psnrDb: psnrDb(distortion) }
}

export interface GridDecompressed {
  decoded: DecodedGrid
  /** The original's size. */
  width: number
  height: number
  bytes: number
  totalBytes: number
  previewCode: Uint8Array
}

/** The beginning of a stream, which openGrid() reads. */
export function packBeforePlanes(coder: BitEncoder, number: number, scale: number, original?: Size): void {
  coder.encodeBits(number, NUMBER_BITS)
  packSize(coder, original)
  coder.encodeBits(scale, SCALE_BITS)
}

interface BeforePlanes {
  modelNumber: number
  original: Size
  /** At which the picture is coded. */
  size: Size
  /** It stands at the first plane. */
  coder: BitDecoder
}

/** Reads what comes before the bit planes, which is cheap. Throws CodecError, also if the code is cut before them. */
export function openPlanes(code: Uint8Array): GridContainer & BeforePlanes {
  const { beforePlanes, ...container } = openGrid(code)
  if (!beforePlanes) throw new CodecError(`cut at ${code.length} bytes: only its preview is whole`)
  return { ...container, ...beforePlanes }
}

/** What can be drawn of a code's beginning: its planes, or if there are none yet its preview, a code of its own. */
export function drawablePart(code: Uint8Array): Uint8Array {
  if (!isGridCode(code)) return code
  const { beforePlanes, previewCode } = openGrid(code)
  return beforePlanes ? code : previewCode
}

/** beforePlanes: undefined if the code is cut within that. */
export function openGrid(code: Uint8Array): GridContainer & { beforePlanes: BeforePlanes | undefined } {
  const container = unpackGridContainer(code)
  const coder = new BitDecoder(container.stream)
  try {
    const modelNumber = coder.decodeBits(NUMBER_BITS)
    const original = unpackSize(coder)
    if (!original) throw new CodecError('the code holds no size')
    const size = codedSize(original, coder.decodeBits(SCALE_BITS))
    if (size.width * size.height > MAX_CODED_PIXELS || Math.max(size.width, size.height) > MAX_SIDE)
      throw new CodecError(`the code says it holds ${size.width} x ${size.height} pixels: too many`)
    return { ...container, beforePlanes: { modelNumber, original, size, coder } }
  } catch (error) {
    if (error instanceof EndOfCode && !container.isWhole) return { ...container, beforePlanes: undefined }
    if (error instanceof EndOfCode) throw new CodecError('the code ends before its planes')
    throw error
  }
}

/** Draws a code, or any beginning of one that reaches its planes. Throws CodecError for other bytes. */
export function decompressGrid(
  model: GridModel,
  readPreview: PreviewReader,
  code: Uint8Array,
): GridDecompressed {
  const { coder, original, size, previewCode, totalBytes } = openPlanes(code)
  const decoded = decodeGrid(model, coder, size, readPreview(previewCode))
  return { decoded, ...original, bytes: code.length, totalBytes, previewCode }
}
