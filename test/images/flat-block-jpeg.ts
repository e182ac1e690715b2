/**
 * Writes baseline JPEGs whose 8x8 blocks are flat, each of another value: little to write, but with any sampling
 * factors, restart intervals, component ids and markers, which sharp's encoder does not offer.
 */
export interface FlatBlockJpeg {
  width: number
  height: number
  sampling: [across: number, down: number][] // of each component
  ids?: number[] // default 1, 2, 3, ...
  restartInterval?: number // MCUs
  jfif?: boolean
  adobeTransform?: number
  interleaved?: boolean // default true
  /** false: the tables of T.81, K.3, with which motion JPEG leaves out its DHT. */
  huffmanTables?: boolean
  /** Codes and values of AC coefficients, in the standard tables; default none. */
  details?: () => string
  /** Whole segments of these bodies, before the frame header and right before the first scan. */
  beforeFrame?: Segment[]
  beforeScan?: Segment[]
}

export type Segment = [marker: number, body: Uint8Array | number[]]

/** Codes for DC sizes 0 to 11. */
const OWN_DC = Array.from({ length: 12 }, (_, size) => size.toString(2).padStart(4, '0'))
const STANDARD_DC = '00 010 011 100 101 110 1110 11110 111110 1111110 11111110 111111110'.split(' ')
const OWN_END_OF_BLOCK = '0'
const STANDARD_END_OF_BLOCK = '1010'

export function flatBlockJpeg(options: FlatBlockJpeg): Uint8Array {
  const { width, height, sampling, restartInterval = 0, interleaved = true } = options
  const ids = options.ids ?? sampling.map((_, i) => i + 1)
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, sampling.length]
  for (const [i, [across, down]] of sampling.entries()) frame.push(ids[i] ?? 0, (across << 4) | down, 0)
  const dcCounts = [0, 0, 0, 12, ...new Array(12).fill(0)] // twelve sizes, each a code of 4 bits
  const acCounts = [1, ...new Array(15).fill(0)] // only "end of block", the bit 0
  const bytes = [0xff, 0xd8]
  const segment = ([marker, body]: Segment): void => {
    bytes.push(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body)
  }
  if (options.jfif) segment([0xe0, [...Buffer.from('JFIF\0'), 1, 2, 0, 0, 1, 0, 1, 0, 0]])
  if (options.adobeTransform !== undefined) segment(adobeSegment(options.adobeTransform))
  for (const given of options.beforeFrame ?? []) segment(given)
  segment([0xdb, [0, ...new Array(64).fill(8)]]) // a DC coefficient of 1 is one 8-bit step
  segment([0xc0, frame])
  if (options.huffmanTables ?? true) {
    segment([0xc4, [0x00, ...dcCounts, ...Array.from({ length: 12 }, (_, i) => i), 0x10, ...acCounts, 0]])
  }
  if (restartInterval) segment([0xdd, [restartInterval >> 8, restartInterval & 255]])
  for (const given of options.beforeScan ?? []) segment(given)
  const all = sampling.map((_, i) => i)
  for (const scan of interleaved ? [all] : all.map((i) => [i])) {
    segment([0xda, [scan.length, ...scan.flatMap((i) => [ids[i] ?? 0, 0]), 0, 63, 0]])
    bytes.push(...scanData(options, scan))
  }
  bytes.push(0xff, 0xd9)
  return Uint8Array.from(bytes)
}

export function adobeSegment(transform: number): Segment {
  return [0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]]
}

function scanData(options: FlatBlockJpeg, scan: number[]): number[] {
  const { width, height, sampling, restartInterval = 0, huffmanTables = true, details = () => '' } = options
  const dcCodes = huffmanTables ? OWN_DC : STANDARD_DC
  const endOfBlock = huffmanTables ? OWN_END_OF_BLOCK : STANDARD_END_OF_BLOCK
  const maxAcross = Math.max(...sampling.map(([across]) => across))
  const maxDown = Math.max(...sampling.map(([, down]) => down))
  const [first = 0] = scan
  const [ownAcross, ownDown] = sampling[first] ?? [1, 1]
  const mcus =
    scan.length === 1
      ? blocks((width * ownAcross) / maxAcross) * blocks((height * ownDown) / maxDown)
      : blocks(width / maxAcross) * blocks(height / maxDown)
  const data: number[] = []
  let bits = ''
  const predictions = new Map<number, number>()
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval && mcu > 0 && mcu % restartInterval === 0) {
      data.push(...stuffed(bits), 0xff, 0xd0 + ((mcu / restartInterval - 1) % 8))
      bits = ''
      predictions.clear()
    }
    for (const component of scan) {
      const [across, down] = sampling[component] ?? [1, 1]
      for (let block = 0; block < (scan.length === 1 ? 1 : across * down); block++) {
        const value = ((mcu * 37 + block * 61 + component * 29 + 29) % 60) - 30 // in gamut: nothing is clamped
        bits += dcBits(value - (predictions.get(component) ?? 0), dcCodes) + details() + endOfBlock
        predictions.set(component, value)
      }
    }
  }
  return [...data, ...stuffed(bits)]
}

function blocks(samples: number): number {
  return Math.ceil(Math.ceil(samples) / 8)
}

/** The size's code, then the value in that many bits (T.81, F.1.2.1). */
function dcBits(difference: number, codes: string[]): string {
  const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
  const value = difference < 0 ? difference + (1 << size) - 1 : difference
  return `${codes[size]}${size === 0 ? '' : value.toString(2).padStart(size, '0')}`
}

function stuffed(bits: string): number[] {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  return (padded.match(/.{8}/g) ?? []).flatMap((byte) =>
    byte === '11111111' ? [255, 0] : [Number.parseInt(byte, 2)],
  )
}
