/**
 * Writes baseline JPEGs whose 8x8 blocks are flat, each of another value: little to write, but with any sampling
 * factors, restart intervals and colour markers, which sharp's encoder does not offer.
 */
export interface FlatBlockJpeg {
  width: number
  height: number
  sampling: [across: number, down: number][] // of each component
  restartInterval?: number // MCUs
  adobeTransform?: number
  interleaved?: boolean // default true
}

export function flatBlockJpeg(options: FlatBlockJpeg): Uint8Array {
  const { width, height, sampling, restartInterval = 0, adobeTransform, interleaved = true } = options
  const ids = sampling.map((_, i) => i + 1)
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, sampling.length]
  for (const [i, [across, down]] of sampling.entries()) frame.push(ids[i]!, (across << 4) | down, 0)
  const dcCounts = [0, 0, 0, 12, ...new Array(12).fill(0)] // twelve sizes, each a code of 4 bits
  const acCounts = [1, ...new Array(15).fill(0)] // only "end of block", the bit 0
  const bytes = [0xff, 0xd8]
  const segment = (marker: number, body: number[]): void => {
    bytes.push(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body)
  }
  if (adobeTransform !== undefined)
    segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, adobeTransform])
  segment(0xdb, [0, ...new Array(64).fill(8)]) // a DC coefficient of 1 is one 8-bit step
  segment(0xc0, frame)
  segment(0xc4, [0x00, ...dcCounts, ...Array.from({ length: 12 }, (_, i) => i), 0x10, ...acCounts, 0])
  if (restartInterval) segment(0xdd, [restartInterval >> 8, restartInterval & 255])
  const scans = interleaved ? [ids] : ids.map((id) => [id])
  for (const scan of scans) {
    segment(0xda, [scan.length, ...scan.flatMap((id) => [id, 0]), 0, 63, 0])
    bytes.push(...scanData(options, scan))
  }
  bytes.push(0xff, 0xd9)
  return Uint8Array.from(bytes)
}

function scanData({ width, height, sampling, restartInterval = 0 }: FlatBlockJpeg, scan: number[]): number[] {
  const maxAcross = Math.max(...sampling.map(([across]) => across))
  const maxDown = Math.max(...sampling.map(([, down]) => down))
  const alone = scan.length === 1
  const [ownAcross, ownDown] = sampling[scan[0]! - 1]!
  const mcus = alone
    ? blocks((width * ownAcross) / maxAcross) * blocks((height * ownDown) / maxDown)
    : blocks(width / maxAcross) * blocks(height / maxDown)
  const data: number[] = []
  let bits = ''
  const predictions = new Map(scan.map((id) => [id, 0]))
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval && mcu > 0 && mcu % restartInterval === 0) {
      data.push(...stuffed(bits), 0xff, 0xd0 + ((mcu / restartInterval - 1) % 8))
      bits = ''
      for (const id of scan) predictions.set(id, 0)
    }
    for (const id of scan) {
      const [across, down] = sampling[id - 1]!
      for (let block = 0; block < (alone ? 1 : across * down); block++) {
        const value = ((mcu * 37 + block * 61 + id * 29) % 60) - 30 // in gamut: clamping is no matter here
        bits += dcCode(value - predictions.get(id)!)
        predictions.set(id, value)
      }
    }
  }
  return [...data, ...stuffed(bits)]
}

function blocks(samples: number): number {
  return Math.ceil(Math.ceil(samples) / 8)
}

/** The size's code, the value in so many bits (T.81, F.1.2.1), and the bit 0: end of block. */
function dcCode(difference: number): string {
  const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
  const value = difference < 0 ? difference + (1 << size) - 1 : difference
  const valueBits = size === 0 ? '' : value.toString(2).padStart(size, '0')
  return `${size.toString(2).padStart(4, '0')}${valueBits}0`
}

function stuffed(bits: string): number[] {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  return (padded.match(/.{8}/g) ?? []).flatMap((byte) =>
    byte === '11111111' ? [255, 0] : [Number.parseInt(byte, 2)],
  )
}
