/**
 * The bytes of a long code, version 1: a preview code, and what it lacks, in order of importance. The code may be cut
 * anywhere after its preview.
 *
 *     byte 0      2 bits  version, 01
 *                 6 bits  the grid model's number
 *     byte 1      CRC-8 of byte 0 and of the bytes from 2 to the end of the preview code
 *     then        the whole code's length in bytes: 7 bits a byte, the lowest first, the highest bit set in all but the last
 *     1 byte      the preview code's length
 *     then        the preview code, verbatim: a code of its own
 *     then        range-coded: original-size.ts, 4 bits scale (grid-code.ts), the levels' bit planes (planes.ts)
 *     last byte   CRC-8 of all bytes before
 */

import { CodecError } from '../codec/errors.ts'
import { crc8 } from '../crc8.ts'

const VERSION = 1
/** Half a bit a pixel of 16 megapixels. */
export const MAX_GRID_CODE_BYTES = 1 << 20

/**
 * From here on a long code is at least as near to the photograph as the best preview. One is possible from 33 bytes up, but
 * its own preview has 20 of them: what the rest adds makes up for that by then (Kodak at 256 px).
 */
export const LEAST_GRID_BYTES = 44
interface GridContainer {
  /** 0 to 63. */
  modelNumber: number
  previewCode: Uint8Array
  /** Range-coded; the beginning of it if the code was cut. */
  stream: Uint8Array
  /** The whole code's length. */
  totalBytes: number
  isWhole: boolean
}

export const isGridCode = (code: Uint8Array): boolean => code.length > 0 && code[0] >>> 6 === VERSION

/** How many bytes come before the stream, in a code of `totalBytes`. */
export const headBytes = (previewBytes: number, totalBytes: number) => 3 + lengthOf(totalBytes) + previewBytes

const lengthOf = (totalBytes: number) => (totalBytes < 1 << 7 ? 1 : totalBytes < 1 << 14 ? 2 : 3)

/** stream: cut to what fits in totalBytes; a shorter one makes a shorter code. */
export function packGridContainer(
  modelNumber: number,
  previewCode: Uint8Array,
  stream: Uint8Array,
  mostBytes: number,
): Uint8Array {
  const least = headBytes(previewCode.length, mostBytes) + 1
  const total = Math.min(mostBytes, least + stream.length)
  const head = [(VERSION << 6) | modelNumber, 0]
  // As many bytes as the longest code's length takes: a shorter one may need fewer, and pads with an empty last one.
  for (let left = lengthOf(mostBytes) - 1, rest = total; left >= 0; left--, rest >>>= 7)
    head.push((rest & 127) | (left > 0 ? 128 : 0))
  const code = new Uint8Array(total)
  code.set([...head, previewCode.length])
  code.set(previewCode, head.length + 1)
  const start = least - 1
  code.set(stream.subarray(0, total - 1 - start), start)
  code[1] = headCheck(code, start)
  code[total - 1] = crc8(code, 0, total - 1)
  return code
}

/** Throws CodecError if the bytes are not such a code, were altered, or end before the preview does. */
export function unpackGridContainer(code: Uint8Array): GridContainer {
  if (!isGridCode(code)) throw new CodecError('not a code of version 1')
  let totalBytes = 0
  let at = 2
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = code[at++] ?? 0
    totalBytes |= (byte & 127) << shift
    if (byte < 128) break
    if (shift === 14) throw new CodecError("the code's length takes more than 3 bytes")
  }
  const start = at + 1 + (code[at] ?? 0)
  if (code.length < start)
    throw new CodecError(`cut at ${code.length} bytes: no picture can be drawn of fewer than ${start}`)
  if (headCheck(code, start) !== code[1]) throw new CodecError('the head of the code was altered')
  if (totalBytes <= start || totalBytes > MAX_GRID_CODE_BYTES || code.length > totalBytes)
    throw new CodecError(`the code says that it has ${totalBytes} bytes, and has ${code.length}`)
  const isWhole = code.length === totalBytes
  if (isWhole && crc8(code, 0, totalBytes - 1) !== code[totalBytes - 1])
    throw new CodecError('the check byte does not match: the code was altered')
  return {
    modelNumber: code[0] & 63,
    previewCode: code.subarray(at + 1, start),
    stream: code.subarray(start, isWhole ? totalBytes - 1 : code.length),
    totalBytes,
    isWhole,
  }
}

const headCheck = (code: Uint8Array, end: number) => crc8(code, 2, end, crc8(code, 0, 1))
