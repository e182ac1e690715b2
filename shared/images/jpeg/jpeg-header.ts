/** The markers of a JPEG file (ITU-T T.81, annex B): frame, tables, restart interval, EXIF and the place of each scan. */
import { ImageError, UnsupportedImageError } from '../errors.ts'
import { type Orientation, readOrientation } from '../exif.ts'
import { checkDimensions, type ImageLimits } from '../limits.ts'
import { type HuffmanTable, readHuffmanTables } from './jpeg-huffman.ts'

export interface Component {
  id: number
  across: number // sampling factors
  down: number
  quantization: number // table index
}

export interface Frame {
  progressive: boolean
  width: number // as stored, before orientation
  height: number
  components: Component[] // 1 (grey) or 3
  maxAcross: number
  maxDown: number
}

export interface ScanHeader {
  components: { index: number; dc: number; ac: number }[]
  spectralStart: number
  spectralEnd: number
  high: number // successive approximation
  low: number
}

/** What markers have said so far. Tables may change between scans. */
export class JpegMarkers {
  frame: Frame | undefined
  orientation: Orientation = 1
  restartInterval = 0
  adobeTransform: number | undefined
  readonly quantization: (Uint16Array | undefined)[] = []
  readonly dc: (HuffmanTable | undefined)[] = []
  readonly ac: (HuffmanTable | undefined)[] = []
  private at = 2
  readonly jpeg: Uint8Array
  private readonly limits: ImageLimits

  constructor(jpeg: Uint8Array, limits: ImageLimits) {
    if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new ImageError('expected a JPEG: FF D8 at its start')
    this.jpeg = jpeg
    this.limits = limits
  }

  /** Reads on to the next scan. Returns its header and where its data begins; nothing at the end of the image. */
  nextScan(from = this.at): { header: ScanHeader; dataAt: number } | undefined {
    this.at = from
    for (;;) {
      const marker = this.nextMarker()
      if (marker === 0xd9) return undefined // EOI
      const body = this.segment()
      if (marker === 0xda) return { header: this.readScan(body), dataAt: this.at }
      this.readSegment(marker, body)
    }
  }

  /** Reads on until the frame header is known. */
  readFrame(): Frame {
    while (!this.frame) {
      const marker = this.nextMarker()
      if (marker === 0xd9 || marker === 0xda) throw new ImageError('the JPEG has no frame header')
      this.readSegment(marker, this.segment())
    }
    return this.frame
  }

  /** Passes stray bytes and scan data (with its stuffed zeros and restart markers), as other readers do. */
  private nextMarker(): number {
    const { jpeg } = this
    for (;;) {
      while (this.at < jpeg.length && jpeg[this.at] !== 0xff) this.at++
      while (this.at < jpeg.length && jpeg[this.at] === 0xff) this.at++ // fill bytes
      const marker = jpeg[this.at++]
      if (marker === undefined) throw new ImageError('the JPEG is truncated: it has no end marker (FF D9)')
      const standsAlone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)
      if (!standsAlone) return marker
    }
  }

  private segment(): Uint8Array {
    const length = ((this.jpeg[this.at] ?? 0) << 8) | (this.jpeg[this.at + 1] ?? 0)
    if (length < 2 || this.at + length > this.jpeg.length)
      throw new ImageError('the JPEG is truncated in a segment')
    const body = this.jpeg.subarray(this.at + 2, this.at + length)
    this.at += length
    return body
  }

  private readSegment(marker: number, body: Uint8Array): void {
    if (marker === 0xc4) readHuffmanTables(body, this.dc, this.ac)
    else if (marker === 0xdb) this.readQuantization(body)
    else if (marker === 0xdd) this.restartInterval = ((body[0] ?? 0) << 8) | (body[1] ?? 0)
    else if (marker === 0xe1) this.readApp1(body)
    else if (marker === 0xee && startsWith(body, 'Adobe') && body.length >= 12) this.adobeTransform = body[11]
    else if (marker >= 0xc0 && marker <= 0xcf) this.readFrameHeader(marker, body)
    else if (marker === 0xdc)
      throw new UnsupportedImageError('a JPEG that gives its height after its data (DNL)')
  }

  private readApp1(body: Uint8Array): void {
    if (startsWith(body, 'Exif\0\0')) this.orientation = readOrientation(body.subarray(6))
  }

  private readQuantization(body: Uint8Array): void {
    for (let at = 0; at < body.length; ) {
      const wide = body[at]! >> 4
      const table = new Uint16Array(64) // in zigzag order
      const bytes = wide ? 128 : 64
      if (wide > 1 || (body[at]! & 15) > 3 || at + 1 + bytes > body.length) {
        throw new ImageError('the JPEG has a malformed quantization table')
      }
      for (let i = 0; i < 64; i++) {
        table[i] = wide ? (body[at + 1 + 2 * i]! << 8) | body[at + 2 + 2 * i]! : body[at + 1 + i]!
      }
      this.quantization[body[at]! & 15] = table
      at += 1 + bytes
    }
  }

  private readFrameHeader(marker: number, body: Uint8Array): void {
    if (marker > 0xc2) {
      throw new UnsupportedImageError(
        'expected a baseline or progressive JPEG, got a lossless, hierarchical or arithmetic one',
      )
    }
    if (this.frame) throw new ImageError('the JPEG has more than one frame')
    const count = body[5] ?? 0
    if (body.length !== 6 + 3 * count || count === 0)
      throw new ImageError('the JPEG has a malformed frame header')
    if (body[0] !== 8) throw new UnsupportedImageError(`expected a JPEG of 8 bits a sample, got ${body[0]}`)
    const height = (body[1]! << 8) | body[2]!
    const width = (body[3]! << 8) | body[4]!
    if (width === 0 || height === 0)
      throw new ImageError(`expected a JPEG with pixels, got ${width} x ${height}`)
    if (count !== 1 && count !== 3) {
      const kind = count === 4 ? 'a CMYK one' : `${count} channels`
      throw new UnsupportedImageError(
        `expected a JPEG in grey, YCbCr or RGB, got ${kind}: convert it to RGB first`,
      )
    }
    checkDimensions(width, height, this.limits)
    const components = Array.from({ length: count }, (_, i) => readComponent(body.subarray(6 + 3 * i)))
    if (count === 1) Object.assign(components[0]!, { across: 1, down: 1 }) // one component is never interleaved
    const maxAcross = Math.max(...components.map((component) => component.across))
    const maxDown = Math.max(...components.map((component) => component.down))
    this.frame = { progressive: marker === 0xc2, width, height, components, maxAcross, maxDown }
  }

  private readScan(body: Uint8Array): ScanHeader {
    const { frame } = this
    const count = body[0] ?? 0
    if (!frame || count < 1 || count > 4 || body.length !== 4 + 2 * count) {
      throw new ImageError('the JPEG has a malformed scan header')
    }
    const components = Array.from({ length: count }, (_, i) => {
      const index = frame.components.findIndex(({ id }) => id === body[1 + 2 * i])
      if (index < 0) throw new ImageError('the JPEG has a scan of a component that its frame does not name')
      return { index, dc: body[2 + 2 * i]! >> 4, ac: body[2 + 2 * i]! & 15 }
    })
    if (new Set(components.map(({ index }) => index)).size < count) {
      throw new ImageError('the JPEG has a scan that names a component twice')
    }
    const [spectralStart, spectralEnd, approximation] = body.subarray(1 + 2 * count) as unknown as number[]
    const header = {
      components,
      spectralStart,
      spectralEnd,
      high: approximation! >> 4,
      low: approximation! & 15,
    }
    return checkScan(header as ScanHeader, frame)
  }
}

function readComponent(bytes: Uint8Array): Component {
  const across = bytes[1]! >> 4
  const down = bytes[1]! & 15
  if (across < 1 || across > 4 || down < 1 || down > 4 || bytes[2]! > 3) {
    throw new ImageError('the JPEG has a malformed component')
  }
  return { id: bytes[0]!, across, down, quantization: bytes[2]! }
}

function checkScan(scan: ScanHeader, frame: Frame): ScanHeader {
  const { spectralStart, spectralEnd, high, low, components } = scan
  if (!frame.progressive) return { ...scan, spectralStart: 0, spectralEnd: 63, high: 0, low: 0 }
  const dcOnly = spectralStart === 0 && spectralEnd === 0
  const acOnly =
    spectralStart >= 1 && spectralEnd >= spectralStart && spectralEnd <= 63 && components.length === 1
  if ((!dcOnly && !acOnly) || low > 13 || (high !== 0 && high !== low + 1)) {
    throw new ImageError('the JPEG has a progressive scan with impossible parameters')
  }
  return scan
}

function startsWith(body: Uint8Array, text: string): boolean {
  return [...text].every((letter, i) => body[i] === letter.charCodeAt(0))
}
