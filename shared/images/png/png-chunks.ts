/** A PNG file's chunks (PNG specification, third edition, W3C 2025): header, palette, transparency, EXIF and data. */

import { ImageError } from '../errors.ts'
import { type Orientation, readOrientation } from '../exif.ts'
import { checkDimensions, type ImageLimits } from '../limits.ts'
import { crc32 } from './crc32.ts'

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Many times what an encoder would write for the largest file; bounds what the list of data chunks costs. */
const MAX_CHUNKS = 65536

export interface PngHeader {
  width: number
  height: number
  bitDepth: 1 | 2 | 4 | 8 | 16
  colourType: 0 | 2 | 3 | 4 | 6
  interlaced: boolean
}

export interface PngChunks {
  header: PngHeader
  palette?: Uint8Array // RGB triples
  transparency?: Uint8Array // tRNS as stored
  orientation: Orientation
  data: Uint8Array[] // IDAT, in order
}

const BIT_DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16], // grey
  2: [8, 16], // RGB
  3: [1, 2, 4, 8], // palette
  4: [8, 16], // grey and alpha
  6: [8, 16], // RGB and alpha
}

/** Walks the chunks. With checksums, each is checked; without, the file may be damaged but still be walked. */
export function readChunks(png: Uint8Array, limits: ImageLimits, checksums: boolean): PngChunks {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  if (png.length < 33 || PNG_SIGNATURE.some((byte, i) => png[i] !== byte)) {
    throw new ImageError('expected a PNG: the signature and an IHDR chunk')
  }
  const chunks: PngChunks = { header: readHeader(png, view, limits), orientation: 1, data: [] }
  let at = 8
  for (let count = 0; ; count++) {
    if (at + 12 > png.length)
      throw new ImageError('the PNG is truncated: expected a chunk, got the end of the file')
    if (count > MAX_CHUNKS) throw new ImageError(`expected a PNG of at most ${MAX_CHUNKS} chunks`)
    const length = view.getUint32(at)
    const end = at + 8 + length
    const name = String.fromCharCode(png[at + 4]!, png[at + 5]!, png[at + 6]!, png[at + 7]!)
    if (end + 4 > png.length)
      throw new ImageError(`the PNG is truncated in its chunk ${JSON.stringify(name)}`)
    if (checksums && crc32(png, at + 4, end) !== view.getUint32(end)) {
      throw new ImageError(`the PNG's chunk ${JSON.stringify(name)} is damaged: its CRC does not match`)
    }
    if (name === 'IEND') break
    addChunk(chunks, name, png.subarray(at + 8, end), count)
    at = end + 4
  }
  if (chunks.data.length === 0) throw new ImageError('the PNG has no image data (IDAT)')
  if (chunks.header.colourType === 3 && !chunks.palette)
    throw new ImageError('the PNG lacks its palette (PLTE)')
  return chunks
}

function addChunk(chunks: PngChunks, name: string, body: Uint8Array, count: number): void {
  if (name === 'IDAT') chunks.data.push(body)
  else if (name === 'PLTE') {
    if (body.length === 0 || body.length % 3 !== 0 || body.length > 768) {
      throw new ImageError(`expected a PNG palette of 1 to 256 RGB triples, got ${body.length} bytes`)
    }
    chunks.palette = body
  } else if (name === 'tRNS') chunks.transparency = body
  else if (name === 'eXIf') chunks.orientation = readOrientation(body)
  else if (name === 'IHDR' ? count > 0 : (name.charCodeAt(0) & 0x20) === 0) {
    throw new ImageError(`the PNG has an unexpected critical chunk ${JSON.stringify(name)}`)
  }
}

function readHeader(png: Uint8Array, view: DataView, limits: ImageLimits): PngHeader {
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) {
    throw new ImageError('expected IHDR as the first chunk of the PNG')
  }
  const [bitDepth, colourType] = [png[24]!, png[25]!]
  const [compression, filter, interlace] = [png[26]!, png[27]!, png[28]!]
  if (!BIT_DEPTHS[colourType]?.includes(bitDepth)) {
    throw new ImageError(
      `the PNG names colour type ${colourType} with ${bitDepth} bits, which does not exist`,
    )
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new ImageError('the PNG names a compression, filter or interlace method that does not exist')
  }
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  if (width === 0 || height === 0)
    throw new ImageError(`expected a PNG with pixels, got ${width} x ${height}`)
  checkDimensions(width, height, limits)
  return { width, height, bitDepth, colourType, interlaced: interlace === 1 } as PngHeader
}
