/**
 * The bytes of a long code, version 1: a preview code, and what it lacks, in order of importance. The code may be cut
 * anywhere after its preview: most have 24 bytes by then, 26 if the length takes 4.
 *
 *     bytes 0, 1  2 bits  version, 01
 *                 14 bits the whole code's length in bytes, if it is less than 16,128; otherwise six bits of 1, and the
 *                         length in the 24 bits that follow: 2 bytes more
 *     preview     if it is a numbered one, as most are, 22 bytes: without its check byte, zero bytes at its end;
 *                 otherwise 2 bits 01, 6 bits length, and the preview code, verbatim
 *     1 byte      CRC-8 of all bytes before
 *     then        range-coded: 6 bits the grid model's number, original-size.ts, 4 bits scale (grid-code.ts), the levels'
 *                 bit planes (planes.ts)
 *     last byte   CRC-8 of all bytes before
 */

import { numberOfCode, PREVIEW_HEADER_BYTES } from '../codec/container/container.ts'
import {
  previewStart,
  restorePreview,
  STORED_PREVIEW_BYTES,
  storePreview,
} from '../codec/container/stored-preview.ts'
import { CodecError } from '../codec/errors.ts'
import { crc8 } from '../crc8.ts'

const VERSION = 1
/** Half a bit a pixel of 16 megapixels. */
export const MAX_GRID_CODE_BYTES = 1 << 20
/** The most bytes that a numbered preview may have. */
export const PREVIEW_BYTES = STORED_PREVIEW_BYTES + PREVIEW_HEADER_BYTES
/** The most bytes that another preview may have. */
export const MOST_PREVIEW_BYTES = 63
/** The first two bits of its length. */
const OTHER = 1
/** From this length on a code says it in 24 bits. */
const LONG = 63 << 8

/**
 * From here on a long code is at least as near to the photograph as the best preview. One is possible from 33 bytes up, but
 * its own preview has 22 of them: what the rest adds makes up for that by 47 (Kodak) or 55 (the page’s photographs; at 256 px).
 */
export const LEAST_GRID_BYTES = 56

export interface GridContainer {
  previewCode: Uint8Array
  /** Range-coded; the beginning of it if the code was cut. */
  stream: Uint8Array
  /** The whole code's length. */
  totalBytes: number
  isWhole: boolean
}

export const isGridCode = (code: Uint8Array): boolean => code.length > 0 && code[0] >>> 6 === VERSION

/** How many bytes come before the stream, in a code of at most `mostBytes`. */
export const headBytes = (previewCode: Uint8Array, mostBytes: number) =>
  lengthBytes(mostBytes) + storedPreview(previewCode).length + 1

const lengthBytes = (mostBytes: number) => (mostBytes < LONG ? 2 : 4)

/** previewCode: of MOST_PREVIEW_BYTES at most; of PREVIEW_BYTES, if it is a numbered one. */
function storedPreview(previewCode: Uint8Array): Uint8Array {
  if (numberOfCode(previewCode) !== undefined) return storePreview(previewCode)
  return Uint8Array.of((OTHER << 6) | previewCode.length, ...previewCode)
}

/** stream: cut to what fits in mostBytes; a shorter one makes a shorter code. */
export function packGridContainer(
  previewCode: Uint8Array,
  stream: Uint8Array,
  mostBytes: number,
): Uint8Array {
  const start = headBytes(previewCode, mostBytes)
  const total = Math.min(mostBytes, start + stream.length + 1)
  const code = new Uint8Array(total)
  const isLong = lengthBytes(mostBytes) > 2
  code[0] = (VERSION << 6) | (isLong ? 63 : total >>> 8)
  code.set(isLong ? [total >>> 16, total >>> 8, total] : [total], 1)
  code.set(storedPreview(previewCode), lengthBytes(mostBytes))
  code[start - 1] = crc8(code, 0, start - 1)
  code.set(stream.subarray(0, total - 1 - start), start)
  code[total - 1] = crc8(code, 0, total - 1)
  return code
}

/** Throws CodecError if the bytes are not such a code, were altered, or end before the preview does. */
export function unpackGridContainer(code: Uint8Array): GridContainer {
  if (!isGridCode(code)) throw new CodecError('not a code of version 1')
  const at = previewStart(code)
  const totalBytes = at > 2 ? (code[1] << 16) | (code[2] << 8) | code[3] : ((code[0] & 63) << 8) | code[1]
  const { previewCode, end } = readPreview(code, at)
  const start = end + 1
  if (code.length > end && crc8(code, 0, end) !== code[end])
    throw new CodecError('the head of the code was altered')
  if (totalBytes <= start || totalBytes > MAX_GRID_CODE_BYTES || code.length > totalBytes)
    throw new CodecError(`the code says that it has ${totalBytes} bytes, and has ${code.length}`)
  const isWhole = code.length === totalBytes
  if (isWhole && crc8(code, 0, totalBytes - 1) !== code[totalBytes - 1])
    throw new CodecError('the check byte does not match: the code was altered')
  const stream = code.subarray(start, isWhole ? totalBytes - 1 : code.length)
  return { previewCode, stream, totalBytes, isWhole }
}

function readPreview(code: Uint8Array, at: number): { previewCode: Uint8Array; end: number } {
  const isNumbered = numberOfCode(code.subarray(at)) !== undefined
  if (!isNumbered && code[at] >>> 6 !== OTHER) throw new CodecError('the code holds no preview')
  const start = isNumbered ? at : at + 1
  const end = start + (isNumbered ? STORED_PREVIEW_BYTES : code[at] & 63)
  if (code.length < end)
    throw new CodecError(`cut at ${code.length} bytes: no picture can be drawn of fewer than ${end}`)
  const stored = code.subarray(start, end)
  return { previewCode: isNumbered ? restorePreview(stored) : stored, end }
}
