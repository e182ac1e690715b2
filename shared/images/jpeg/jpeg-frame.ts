/** The headers of a JPEG's frame and scans (ITU-T T.81, B.2.2 and B.2.3). */
import { ImageError, UnsupportedImageError } from '../errors.ts'
import { checkDimensions, type ImageLimits } from '../limits.ts'

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
  components: Component[] // 1 (grey), 3, or 4 (CMYK)
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

const SOF_PROGRESSIVE = 0xc2

export function readFrameHeader(marker: number, body: Uint8Array, limits: ImageLimits): Frame {
  if (marker > SOF_PROGRESSIVE) {
    const expected = 'expected a baseline or progressive JPEG'
    throw new UnsupportedImageError(`${expected}, got a lossless, hierarchical or arithmetic one`)
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const count = body[5] ?? 0
  if (body.length !== 6 + 3 * count || count === 0) {
    throw new ImageError('the JPEG has a malformed frame header')
  }
  if (body[0] !== 8) throw new UnsupportedImageError(`expected a JPEG of 8 bits a sample, got ${body[0]}`)
  const [height, width] = [view.getUint16(1), view.getUint16(3)]
  if (width === 0 || height === 0) {
    throw new ImageError(`expected a JPEG with pixels, got ${width} x ${height}`)
  }
  if (count !== 1 && count !== 3 && count !== 4) {
    throw new UnsupportedImageError(`expected a JPEG in grey, colour or CMYK, got one of ${count} channels`)
  }
  checkDimensions(width, height, limits)
  const components = Array.from({ length: count }, (_, i) => readComponent(view, 6 + 3 * i))
  if (count === 1) for (const component of components) component.across = component.down = 1 // never interleaved
  const maxAcross = Math.max(...components.map(({ across }) => across))
  const maxDown = Math.max(...components.map(({ down }) => down))
  return { progressive: marker === SOF_PROGRESSIVE, width, height, components, maxAcross, maxDown }
}

function readComponent(view: DataView, at: number): Component {
  const across = view.getUint8(at + 1) >> 4
  const down = view.getUint8(at + 1) & 15
  const quantization = view.getUint8(at + 2)
  if (across < 1 || across > 4 || down < 1 || down > 4 || quantization > 3) {
    throw new ImageError('the JPEG has a malformed component')
  }
  return { id: view.getUint8(at), across, down, quantization }
}

export function readScanHeader(body: Uint8Array, frame: Frame | undefined): ScanHeader {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const count = body[0] ?? 0
  if (!frame || count < 1 || count > 4 || body.length !== 4 + 2 * count) {
    throw new ImageError('the JPEG has a malformed scan header')
  }
  const components = Array.from({ length: count }, (_, i) => {
    const index = frame.components.findIndex(({ id }) => id === view.getUint8(1 + 2 * i))
    if (index < 0) throw new ImageError('the JPEG has a scan of a component that its frame does not name')
    const tables = view.getUint8(2 + 2 * i)
    return { index, dc: tables >> 4, ac: tables & 15 }
  })
  if (new Set(components.map(({ index }) => index)).size < count) {
    throw new ImageError('the JPEG has a scan that names a component twice')
  }
  if (!frame.progressive) return { components, spectralStart: 0, spectralEnd: 63, high: 0, low: 0 }
  const [spectralStart, spectralEnd] = [view.getUint8(1 + 2 * count), view.getUint8(2 + 2 * count)]
  const approximation = view.getUint8(3 + 2 * count)
  return checkScan({
    components,
    spectralStart,
    spectralEnd,
    high: approximation >> 4,
    low: approximation & 15,
  })
}

function checkScan(scan: ScanHeader): ScanHeader {
  const { spectralStart, spectralEnd, high, low, components } = scan
  const dcOnly = spectralStart === 0 && spectralEnd === 0
  const acOnly =
    spectralStart >= 1 && spectralEnd >= spectralStart && spectralEnd <= 63 && components.length === 1
  if ((!dcOnly && !acOnly) || low > 13 || (high !== 0 && high !== low + 1)) {
    throw new ImageError('the JPEG has a progressive scan with impossible parameters')
  }
  return scan
}
