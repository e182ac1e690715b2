/** A PNG's chunks (PNG specification, third edition, W3C 2025): header, palette, transparency, colour, EXIF and data. */

import { ImageError } from '../errors.ts'
import { checkDimensions, type ImageLimits } from '../limits.ts'
import { crc32 } from './crc32.ts'

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Many times what an encoder writes for the largest file. It bounds what the list of data chunks costs. */
const MAX_CHUNKS = 65536
/** Units of decoding work (limits.ts) for a chunk, each time the file is walked through: once for the header alone. */
const CHUNK_WORK = 100

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
  transparency?: Uint8Array // tRNS, if its length is valid
  codePoints?: Uint8Array // cICP
  iccProfile?: Uint8Array // iCCP as stored: a name, 0, 0, zlib data
  exif?: Uint8Array // eXIf
  data: Uint8Array[] // IDAT, in order
}

const BIT_DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16], // grey
  2: [8, 16], // RGB
  3: [1, 2, 4, 8], // palette
  4: [8, 16], // grey and alpha
  6: [8, 16], // RGB and alpha
}

interface Chunk {
  name: string
  body: Uint8Array
  ancillary: boolean
  isIntact: () => boolean
  end: number
}

/**
 * Reads the chunks. A damaged ancillary chunk is skipped, as is everything after the image's data; a damaged critical
 * chunk makes the file unreadable. Without `checksums` those of the data are not verified, which is enough for the
 * header.
 */
export function readChunks(png: Uint8Array, limits: ImageLimits, checksums: boolean): PngChunks {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  if (png.length < 33 || PNG_SIGNATURE.some((byte, i) => png[i] !== byte)) {
    throw new ImageError('expected a PNG: the signature and an IHDR chunk')
  }
  const chunks: PngChunks = { header: readHeader(view, limits), data: [] }
  if (!chunkAt(png, view, 8)?.isIntact()) throw damaged('IHDR')
  let chunk = chunkAt(png, view, 33)
  for (let count = 0; chunk && chunk.name !== 'IEND'; count++) {
    if (count > MAX_CHUNKS) throw new ImageError(`expected a PNG of at most ${MAX_CHUNKS} chunks`)
    limits.work?.spend(CHUNK_WORK, 'the PNG')
    const { name, body, ancillary, isIntact, end } = chunk
    if (ancillary) {
      if (isIntact()) addAncillary(chunks, name, body)
    } else {
      if ((checksums || name !== 'IDAT') && !isIntact()) throw damaged(name)
      addCritical(chunks, name, body)
    }
    chunk = chunkAt(png, view, end)
    if (name === 'IDAT' && chunk?.name !== 'IDAT') break
  }
  if (chunks.data.length === 0) throw new ImageError('the PNG is truncated: it has no image data (IDAT)')
  if (chunks.header.colourType === 3 && !chunks.palette) {
    throw new ImageError('the PNG lacks its palette (PLTE)')
  }
  return chunks
}

/**
 * Undefined at the end of the file. It may end once its data is complete, but a critical chunk that has begun must be
 * whole.
 */
function chunkAt(png: Uint8Array, view: DataView, at: number): Chunk | undefined {
  if (at + 8 > png.length) return undefined
  const end = at + 12 + view.getUint32(at)
  const name = String.fromCharCode(...png.subarray(at + 4, at + 8))
  const ancillary = (view.getUint8(at + 4) & 0x20) !== 0
  if (end > png.length) {
    if (ancillary || name === 'IEND') return undefined
    throw new ImageError(`the PNG is truncated in its chunk ${JSON.stringify(name)}`)
  }
  const isIntact = () => crc32(png, at + 4, end - 4) === view.getUint32(end - 4)
  return { name, body: png.subarray(at + 8, end - 4), ancillary, isIntact, end }
}

function damaged(name: string): ImageError {
  return new ImageError(`the PNG's chunk ${JSON.stringify(name)} is damaged: its CRC does not match`)
}

function addCritical(chunks: PngChunks, name: string, body: Uint8Array): void {
  if (name === 'IDAT') chunks.data.push(body)
  else if (name === 'PLTE') addPalette(chunks, body)
  else throw new ImageError(`the PNG has an unexpected critical chunk ${JSON.stringify(name)}`)
}

/** Grey images may not have a palette, and in RGB it is only a suggestion. Entries beyond the bit depth have no index. */
function addPalette(chunks: PngChunks, body: Uint8Array): void {
  if (chunks.header.colourType !== 3) return
  if (chunks.palette) throw new ImageError('the PNG has more than one palette (PLTE)')
  if (body.length === 0 || body.length % 3 !== 0 || body.length > 768) {
    throw new ImageError(`expected a PNG palette of 1 to 256 RGB triples, got ${body.length} bytes`)
  }
  chunks.palette = body.subarray(0, 3 << chunks.header.bitDepth)
}

/** The first of each kind counts. All that are read come before the data. */
function addAncillary(chunks: PngChunks, name: string, body: Uint8Array): void {
  if (name === 'tRNS') {
    if (!chunks.transparency && fitsTransparency(chunks, body)) chunks.transparency = body
  } else if (name === 'eXIf') chunks.exif ??= body
  else if (name === 'cICP') chunks.codePoints ??= body
  else if (name === 'iCCP') chunks.iccProfile ??= body
}

/** A palette may have fewer alphas than colours, and they must come after it; images with an alpha channel have no tRNS. */
function fitsTransparency({ header, palette }: PngChunks, body: Uint8Array): boolean {
  if (header.colourType === 0) return body.length === 2
  if (header.colourType === 2) return body.length === 6
  return palette !== undefined && body.length >= 1 && 3 * body.length <= palette.length
}

function readHeader(view: DataView, limits: ImageLimits): PngHeader {
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) {
    throw new ImageError('expected IHDR as the first chunk of the PNG')
  }
  const [bitDepth, colourType] = [view.getUint8(24), view.getUint8(25)]
  const [compression, filter, interlace] = [view.getUint8(26), view.getUint8(27), view.getUint8(28)]
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
  if (width === 0 || height === 0) {
    throw new ImageError(`expected a PNG with pixels, got ${width} x ${height}`)
  }
  checkDimensions(width, height, limits)
  return { width, height, bitDepth, colourType, interlaced: interlace === 1 } as PngHeader
}
