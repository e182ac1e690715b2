/** The markers of a JPEG file (ITU-T T.81, annex B): frame, tables, metadata and where each scan is. */
import { ImageError, UnsupportedImageError } from '../errors.ts'
import { type Orientation, readOrientation } from '../exif.ts'
import type { ImageLimits } from '../limits.ts'
import { type Frame, readFrameHeader, readScanHeader, type ScanHeader } from './jpeg-frame.ts'
import { HuffmanTables } from './jpeg-huffman-tables.ts'
import { IccParts } from './jpeg-icc.ts'

/** Cameras write dozens; a large colour profile or a panorama takes hundreds. */
const MAX_SEGMENTS = 10_000

const [SOI, EOI, SOS, DHT, DQT, DRI, DNL] = [0xd8, 0xd9, 0xda, 0xc4, 0xdb, 0xdd, 0xdc]
const [APP0, APP1, APP2, APP14] = [0xe0, 0xe1, 0xe2, 0xee]

export interface Scan {
  header: ScanHeader
  dataAt: number
}

/** What the markers have said so far. Tables may change between scans. */
export class JpegMarkers {
  restartInterval = 0
  isJfif = false
  adobeTransform: number | undefined
  readonly huffman = new HuffmanTables()
  readonly icc = new IccParts()
  readonly quantization: (Uint16Array | undefined)[] = []
  readonly jpeg: Uint8Array
  private readonly limits: ImageLimits
  private readFrame: Frame | undefined
  private exif: Uint8Array | undefined // the first block counts
  private firstScan: Scan | undefined
  private segments = 0
  private at = 2

  /** Reads up to the first scan, which is enough to know the image's size and colours. */
  constructor(jpeg: Uint8Array, limits: ImageLimits) {
    if (jpeg[0] !== 0xff || jpeg[1] !== SOI) throw new ImageError('expected a JPEG: FF D8 at its start')
    this.jpeg = jpeg
    this.limits = limits
    this.firstScan = this.nextScan()
    if (!this.readFrame) throw new ImageError('the JPEG has no frame header')
    if (!this.firstScan) throw new ImageError('the JPEG has no scan')
  }

  get frame(): Frame {
    if (!this.readFrame) throw new ImageError('the JPEG has no frame header')
    return this.readFrame
  }

  get orientation(): Orientation {
    return this.exif && startsWith(this.exif, 'Exif\0\0') ? readOrientation(this.exif.subarray(6)) : 1
  }

  /** Reads on to the next scan. Returns undefined if the image has ended. */
  nextScan(from = this.at): Scan | undefined {
    const first = this.firstScan
    if (first) {
      this.firstScan = undefined
      return first
    }
    this.at = from
    for (;;) {
      const marker = this.nextMarker()
      if (marker === EOI) return undefined
      const body = this.segment()
      if (marker === SOS) return { header: readScanHeader(body, this.readFrame), dataAt: this.at }
      this.readSegment(marker, body)
    }
  }

  /** Skips stray bytes and scan data (with its stuffed zeros and restart markers), as other readers do. */
  private nextMarker(): number {
    const { jpeg } = this
    for (;;) {
      const at = jpeg.indexOf(0xff, this.at)
      this.at = at < 0 ? jpeg.length : at
      while (jpeg[this.at] === 0xff) this.at++ // fill bytes
      const marker = jpeg[this.at++]
      if (marker === undefined)
        throw new TruncatedJpegError('the JPEG is truncated: it has no end marker (FF D9)')
      const standsAlone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)
      if (!standsAlone) return marker
    }
  }

  private segment(): Uint8Array {
    if (++this.segments > MAX_SEGMENTS) {
      throw new ImageError(`expected a JPEG of at most ${MAX_SEGMENTS} segments`)
    }
    const length = ((this.jpeg[this.at] ?? 0) << 8) | (this.jpeg[this.at + 1] ?? 0)
    if (length < 2 || this.at + length > this.jpeg.length) {
      throw new TruncatedJpegError('the JPEG is truncated in a segment')
    }
    const body = this.jpeg.subarray(this.at + 2, this.at + length)
    this.at += length
    return body
  }

  private readSegment(marker: number, body: Uint8Array): void {
    if (marker === DHT) this.huffman.define(body)
    else if (marker === DQT) readQuantization(body, this.quantization)
    else if (marker === DRI) this.restartInterval = ((body[0] ?? 0) << 8) | (body[1] ?? 0)
    else if (marker === APP0) this.isJfif ||= startsWith(body, 'JFIF\0') && body.length >= 14
    else if (marker === APP1) this.exif ??= startsWith(body, 'Exif') ? body : undefined
    else if (marker === APP2) this.icc.add(body)
    else if (marker === APP14 && startsWith(body, 'Adobe') && body.length >= 12)
      this.adobeTransform = body[11]
    else if (marker >= 0xc0 && marker <= 0xcf) this.readFrameSegment(marker, body)
    else if (marker === DNL)
      throw new UnsupportedImageError('a JPEG that gives its height after its data (DNL)')
  }

  private readFrameSegment(marker: number, body: Uint8Array): void {
    if (this.readFrame) throw new ImageError('the JPEG has more than one frame')
    this.readFrame = readFrameHeader(marker, body, this.limits)
  }
}

/** The file ends amid its markers, which does not matter if the whole image has been read. */
export class TruncatedJpegError extends ImageError {}

function readQuantization(body: Uint8Array, tables: (Uint16Array | undefined)[]): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  for (let at = 0; at < body.length; ) {
    const wide = view.getUint8(at) >> 4
    const index = view.getUint8(at) & 15
    const bytes = wide ? 128 : 64
    if (wide > 1 || index > 3 || at + 1 + bytes > body.length) {
      throw new ImageError('the JPEG has a malformed quantization table')
    }
    const table = new Uint16Array(64) // in zigzag order
    for (let i = 0; i < 64; i++) {
      table[i] = wide ? view.getUint16(at + 1 + 2 * i) : view.getUint8(at + 1 + i)
    }
    tables[index] = table
    at += 1 + bytes
  }
}

export function startsWith(body: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (body[i] !== text.charCodeAt(i)) return false
  return true
}
